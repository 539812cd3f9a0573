import { randomUUID } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import { constants, copyFile, link, mkdir, open, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { SluiceError } from '../errors.ts'
import { errnoOf } from './local-errors.ts'
import { makeFolder, syncFolder, tempFolder } from './local-place.ts'

/** Runs `make` on a fresh temp path of the same file system, then moves the result to its place in one step. Whatever fails, nothing stays. */
export async function placeWhole<Made>(options: {
  root: string
  target: string
  make(temp: string): Promise<Made>
}): Promise<Made> {
  const temp = path.join(options.root, tempFolder, randomUUID())
  await mkdir(path.dirname(temp), { recursive: true })
  try {
    const made = await options.make(temp)
    await moveInto(options.root, temp, options.target)
    return made
  } finally {
    // After the move the path is free, but where both names are links to one file: then rename(2) leaves the first.
    await rm(temp, { force: true })
  }
}

// Node's recursive mkdir reports a folder that vanishes under it as ENOTDIR or EEXIST.
const maybePruned = new Set(['ENOENT', 'ENOTDIR', 'EEXIST'])
const triesAtMost = 10

/** A deletion elsewhere may prune the folder while it is made or moved into: then it is made again. */
export async function moveInto(root: string, temp: string, target: string): Promise<void> {
  const folder = path.dirname(target)
  for (let tries = 1; ; tries++) {
    try {
      await makeFolder(root, folder)
      await rename(temp, target)
      return await syncFolder(folder)
    } catch (error) {
      if (!maybePruned.has(errnoOf(error) ?? '') || tries === triesAtMost) throw error
    }
  }
}

/** Writes all chunks and waits until they are on the disk itself; what is said of the file is read back from there. */
export async function writeDurably(
  temp: string,
  chunks: AsyncIterable<Buffer> | Iterable<Buffer>,
): Promise<BigIntStats> {
  const handle = await open(temp, 'wx', 0o644)
  try {
    let written = 0
    for await (const chunk of chunks) {
      await handle.writeFile(chunk)
      written += chunk.byteLength
    }
    await handle.sync()
    const stat = await handle.stat({ bigint: true })
    if (stat.size !== BigInt(written))
      throw new SluiceError('storage_unavailable', { message: `wrote ${written} bytes, the disk holds ${stat.size}` })
    return stat
  } finally {
    await handle.close()
  }
}

const noLinks = new Set(['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])

/** A second name for the same bytes: stored files are never written to, so they may share them. Copies where the file system has no links. */
export async function linkOrCopy(from: string, temp: string): Promise<void> {
  try {
    await link(from, temp)
  } catch (error) {
    if (!noLinks.has(errnoOf(error) ?? '')) throw error
    await copyFile(from, temp, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL)
    const handle = await open(temp, 'r+')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  }
}
