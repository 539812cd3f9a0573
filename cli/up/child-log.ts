import type { FileHandle } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { z } from 'zod'
import { forTerminal } from '../for-terminal.ts'

const entry = z.object({
  level: z.string(),
  msg: z.string().optional(),
  err: z.object({ message: z.string() }).partial().optional(),
})

/** A fault that repeats itself is shown once in this time; the file has every line. */
const quietMs = 30_000

/** Keeps every line of a process in its file, and shows what matters to the person at the terminal. */
export function followLog(options: {
  name: string
  streams: Readable[]
  file: FileHandle
  say: (line: string) => void
}): { lastLines(): string[] } {
  const recent: string[] = []
  const shown = new Map<string, number>()
  for (const stream of options.streams) {
    createInterface({ input: stream }).on('line', (line) => {
      options.file.appendFile(`${line}\n`).catch((error) => options.say(`${options.name}: its log: ${error.message}`))
      recent.push(line)
      if (recent.length > 20) recent.shift()
      const short = shortForm(line)
      if (short === undefined || performance.now() - (shown.get(short) ?? Number.NEGATIVE_INFINITY) < quietMs) return
      shown.set(short, performance.now())
      options.say(`${options.name}: ${short}`)
    })
  }
  return { lastLines: () => recent.map((line) => shortForm(line) ?? forTerminal(line)) }
}

/** Warnings and worse in one short line; whatever is no log entry (a crash, a native library) as it stands. */
export function shortForm(line: string): string | undefined {
  if (!line.startsWith('{')) return line.trim() === '' ? undefined : forTerminal(line)
  const parsed = entry.safeParse(parseJson(line))
  if (!parsed.success) return forTerminal(line)
  const { level, msg, err } = parsed.data
  if (!['warn', 'error', 'fatal'].includes(level)) return undefined
  const cause = err?.message && err.message !== msg ? `: ${err.message}` : ''
  return forTerminal(`${level === 'warn' ? 'warning' : level}: ${msg ?? ''}${cause}`)
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
