import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import path from 'node:path'

export async function findExecutable({
  name,
  folders,
}: {
  name: string
  folders: string[]
}): Promise<string | undefined> {
  for (const folder of folders.filter(path.isAbsolute)) {
    const file = path.join(folder, name)
    if (await isExecutable(file)) return file
  }
  return undefined
}

export async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK)
    .then(() => stat(file))
    .then((found) => found.isFile())
    .catch(() => false)
}
