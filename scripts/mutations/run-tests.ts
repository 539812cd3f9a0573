import { spawn } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

const reportSchema = z.object({
  testResults: z.array(
    z.object({
      message: z.string().optional(),
      assertionResults: z.array(z.object({ title: z.string(), status: z.string() })),
    }),
  ),
})

/** How the tests of some titles ended; `undefined` where none of that title ran. */
export type Ending = 'passed' | 'failed' | undefined
export type Run = { endOf(title: string): Ending; said: string }

/** Runs the tests of these titles in one file of a copy of the sources. */
export async function runTests(options: {
  root: string
  file: string
  titles: string[]
  limitMs: number
}): Promise<Run> {
  const { root, file, titles, limitMs } = options
  const report = join(root, '.mutation-report.json')
  await rm(report, { force: true })
  const said = await vitest({
    root,
    limitMs,
    args: [file, '-t', titles.map(pattern).join('|'), '--reporter=json', `--outputFile=${report}`],
  })
  const json = await readFile(report, 'utf8').catch(() => undefined)
  const files = json === undefined ? [] : reportSchema.parse(JSON.parse(json)).testResults
  const results = files.flatMap(({ assertionResults }) => assertionResults)
  return {
    said: files.map(({ message }) => message).join('') || said,
    endOf(title) {
      const whole = new RegExp(`^${pattern(title)}$`, 's')
      const ends = results.filter((one) => whole.test(one.title)).map(({ status }) => status)
      if (ends.includes('failed')) return 'failed'
      return ends.includes('passed') ? 'passed' : undefined
    },
  }
}

/** A title as written, `%s` and `$name` standing for anything. */
const pattern = (title: string) =>
  title
    .split(/%[sdifjo]|\$[\w.]+/)
    .map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))
    .join('.*')

/** Ours is often a process below another vitest, whose settings are no concern of this one. */
const ownEnv = () => Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST')))

function vitest({ root, args, limitMs }: { root: string; args: string[]; limitMs: number }): Promise<string> {
  return new Promise((resolve, reject) => {
    const bin = join(root, 'node_modules/vitest/vitest.mjs')
    const child = spawn(process.execPath, [bin, 'run', ...args], {
      cwd: root,
      env: ownEnv(),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    const hear = (data: Buffer) => {
      said = `${said}${data}`.slice(-4_000)
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    const timer = setTimeout(() => child.kill('SIGINT'), limitMs)
    child.once('error', reject)
    child.once('close', () => {
      clearTimeout(timer)
      resolve(said)
    })
  })
}
