import { randomUUID } from 'node:crypto'
import { rename, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { toneTable, toneTables } from '../../core/media/tone-map.ts'

const written = new Map<'pq' | 'hlg', string>()

/** A filter that maps HDR names its table without a path: it is laid into the folder that ffmpeg works in, for runs that need it. */
export async function layToneTables({ args, cwd }: { args: readonly string[]; cwd: string }): Promise<void> {
  for (const light of ['pq', 'hlg'] as const) {
    const name = toneTables[light]
    if (!args.some((arg) => arg.includes(name))) continue
    const file = path.join(cwd, name)
    if (await stat(file).catch(() => undefined)) continue
    const text = written.get(light) ?? toneTable(light)
    written.set(light, text)
    // Whole or not at all: two runs may share a folder.
    const half = `${file}.${randomUUID()}`
    await writeFile(half, text)
    await rename(half, file)
  }
}
