import { mkdir, open, realpath, rmdir } from 'node:fs/promises'
import path from 'node:path'
import { SluiceError } from '../errors.ts'
import { errnoOf, isAbsent } from './local-errors.ts'

/** Folders of the driver's own, hidden from keys because no key may hold a hidden segment. */
export const tempFolder = '.tmp'
export const growingFolder = '.growing'

/** What tells the sweep whose a growing object's folder is. */
export const keyFile = 'key'

/** True when no part of the way below the root is a link: links could lead out of it. Parts that do not exist yet lead nowhere. */
export async function liesBelow(root: string, folder: string): Promise<boolean> {
  try {
    return (await realpath(folder)) === path.join(await realpath(root), path.relative(root, folder))
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
    return folder === root || liesBelow(root, path.dirname(folder))
  }
}

/** Makes a file's folder, durably: a folder that is new is written down in its parent, up to the first that was there. */
export async function makeFolder(root: string, folder: string): Promise<void> {
  if (!(await liesBelow(root, folder)))
    throw new SluiceError('storage_unavailable', {
      message: `${folder} is behind a link, which storage does not follow`,
    })
  const firstMade = await mkdir(folder, { recursive: true })
  if (firstMade === undefined) return
  for (let made = folder; made.length >= firstMade.length; made = path.dirname(made))
    await syncFolder(path.dirname(made))
}

/** Makes names in a folder survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const busy = new Set(['ENOTEMPTY', 'EEXIST', 'EBUSY', 'EPERM'])

/** Removes the folders that a deletion left empty, up to the root. A folder that is filled meanwhile simply stays. */
export async function pruneFolders(root: string, folder: string): Promise<void> {
  for (let at = folder; at.startsWith(`${root}${path.sep}`); at = path.dirname(at)) {
    try {
      await rmdir(at)
    } catch (error) {
      if (busy.has(errnoOf(error) ?? '')) return
      if (!isAbsent(error)) throw error
    }
  }
}
