import type { Dirent } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import path from 'node:path'
import { diskError, isAbsent } from './local-errors.ts'
import { describe } from './local-read.ts'
import type { StoredObject } from './storage.ts'

// A folder sorts as its keys do, with the slash: `a-b` comes before `a/b`.
const sortName = (entry: Dirent) => Buffer.from(entry.isDirectory() ? `${entry.name}/` : entry.name)

/** Walks one folder in the byte order of keys, as S3 lists, holding no more than the names of the folders on its way. */
export async function* listFolder(root: string, folder: string): AsyncGenerator<StoredObject> {
  for (const entry of await entriesOf(root, folder)) {
    const key = `${folder}${entry.name}`
    if (entry.isDirectory()) yield* listFolder(root, `${key}/`)
    else if (entry.isFile()) {
      const object = await statOf(root, key)
      if (object) yield object
    }
  }
}

async function entriesOf(root: string, folder: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(path.join(root, folder), { withFileTypes: true })
    return entries
      .filter((entry) => !entry.name.startsWith('.'))
      .map((entry) => ({ entry, name: sortName(entry) }))
      .sort((a, b) => Buffer.compare(a.name, b.name))
      .map(({ entry }) => entry)
  } catch (error) {
    if (isAbsent(error)) return []
    throw diskError(error, folder)
  }
}

async function statOf(root: string, key: string): Promise<StoredObject | undefined> {
  try {
    return describe(key, await lstat(path.join(root, key), { bigint: true }))
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw diskError(error, key)
  }
}
