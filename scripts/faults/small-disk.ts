import { mkdir, open, rm } from 'node:fs/promises'
import { runQuietly } from '../../core/db/embedded/run-quietly.ts'

/** A file system of its own that can be filled, for whoever may mount one. */
export type SmallDisk = { fill(): Promise<void>; empty(): Promise<void>; unmount(): Promise<void> }

const mebibytes = 192

/** Undefined where mounting is not allowed; the folder is there either way. */
export async function smallDisk(folder: string): Promise<SmallDisk | undefined> {
  await mkdir(folder, { recursive: true })
  const mount = ['mount', '-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', folder]
  const ran = await runQuietly({ argv: mount }).catch(() => undefined)
  if (ran?.code !== 0) return undefined
  const filler = `${folder}/.filler`
  return {
    async fill() {
      await using file = await open(filler, 'w')
      const block = Buffer.alloc(2 ** 20)
      try {
        for (;;) await file.write(block)
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
      }
    },
    empty: () => rm(filler, { force: true }),
    async unmount() {
      await runQuietly({ argv: ['umount', '-l', folder] })
    },
  }
}
