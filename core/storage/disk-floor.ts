import { statfs } from 'node:fs/promises'
import path from 'node:path'
import { SluiceError } from '../errors.ts'
import { isAbsent } from './local-errors.ts'

/** What is left alone of a disk: so much of the whole, or so many bytes; of both, whichever is less. Neither: nothing. */
export type Floor = { percent?: number; bytes?: number }

/** Told before the disk is full, whoever sends waits, and databases and logs beside us go on writing. */
export async function refuseBelow(floor: Floor, { folder, wanted = 0 }: { folder: string; wanted?: number }) {
  const { bavail, bsize, blocks, files, ffree } = await statsOf(path.resolve(folder))
  const kept = leastOf(floor, blocks * bsize)
  if (bavail * bsize < kept + wanted)
    throw new SluiceError('no_space', {
      message: `${folder} has ${bavail * bsize} bytes left; ${wanted} are wanted, and ${kept} are left alone`,
    })
  // Some file systems count no files.
  if (files > 0 && ffree < leastOf({ percent: floor.percent ?? 0 }, files))
    throw new SluiceError('no_space', { message: `${folder} takes ${ffree} more files of ${files}` })
}

function leastOf({ percent, bytes }: Floor, whole: number): number {
  const share = percent === undefined ? undefined : (whole * percent) / 100
  return Math.min(share ?? bytes ?? 0, bytes ?? share ?? 0)
}

/** A folder that is not made yet will lie on the disk of the one above it. */
export async function statsOf(folder: string) {
  for (let at = folder; ; at = path.dirname(at)) {
    try {
      return await statfs(at)
    } catch (error) {
      if (!isAbsent(error) || at === path.dirname(at)) throw error
    }
  }
}
