import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { errnoOf } from '../../core/storage/local-errors.ts'
import { atEnd } from './at-end.ts'
import { tempFolder } from './temp-folder.ts'

export type SmallDisk = {
  dir: string
  /** Takes so many bytes of it away, and gives them back. */
  fill(bytes: number): () => void
  /** Takes every name that a file could have, and gives them back. */
  fillNames(): Promise<() => void>
}

/** Mounting wants root on Linux. Elsewhere a disk that fills cannot be had. */
export const canMount = process.platform === 'linux' && process.getuid?.() === 0 && tryMount()

function tryMount(): boolean {
  try {
    execFileSync('unshare', ['-m', 'mount', '-t', 'tmpfs', '-o', 'size=1m', 'none', '/mnt'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** A disk of its own that is really full when it is full; unmounted after the file's last test. */
export async function smallDisk({ bytes, files }: { bytes: number; files?: number }): Promise<SmallDisk> {
  const dir = path.join(await tempFolder(), 'disk')
  await mkdir(dir)
  const limits = [`size=${bytes}`, ...(files === undefined ? [] : [`nr_inodes=${files}`])].join(',')
  execFileSync('mount', ['-t', 'tmpfs', '-o', limits, 'none', dir])
  atEnd(async () => void execFileSync('umount', ['-l', dir]))
  const filler = path.join(dir, 'filler')
  return {
    dir,
    fill(amount) {
      writeFileSync(filler, Buffer.alloc(amount))
      return () => rmSync(filler)
    },
    async fillNames() {
      const folder = path.join(dir, 'names')
      await mkdir(folder)
      for (let n = 0; ; n++)
        try {
          await writeFile(path.join(folder, String(n)), '')
        } catch (error) {
          if (errnoOf(error) !== 'ENOSPC') throw error
          return () => rmSync(folder, { recursive: true })
        }
    },
  }
}
