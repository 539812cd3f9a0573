import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { SluiceError } from '../errors.ts'
import { type Growing, type Growth, type LocalGrowth, parseGrowth } from './growing.ts'
import { checkKey } from './keys.ts'
import { appendLocally } from './local-append.ts'
import { diskError } from './local-errors.ts'
import { growingFolder, keyFile, makeFolder, syncFolder } from './local-place.ts'
import { sealLocally } from './local-seal.ts'
import { writeDurably } from './local-write.ts'

/** Objects that grow on the disk: each in a hidden folder of its own, as one file or, where writers were lost, as several. */
export function growLocally(root: string): Growing {
  const own = (growth: Growth) => {
    const checked = parseGrowth(growth)
    if (checked.driver === 'local') return { growth: checked, folder: folderOf(root, checked) }
    throw new SluiceError('not_found', { message: `${checked.key} grows in another store` })
  }
  return {
    begin: async (key) => begin(root, checkKey(key)),
    append: async (growth, body, options = {}) => appendLocally({ ...own(growth), body, options }),
    seal: async (growth, { fresh = false } = {}) => {
      const grown = own(growth)
      const sealed = await sealLocally({ root, ...grown, fresh })
      await remove(grown.folder)
      return sealed
    },
    discard: async (growth) => remove(own(growth).folder),
  }
}

const folderOf = (root: string, { id }: LocalGrowth) => path.join(root, growingFolder, id)

async function begin(root: string, key: string): Promise<LocalGrowth> {
  const growth: LocalGrowth = { driver: 'local', key, bytes: 0, id: randomBytes(16).toString('hex'), files: [] }
  const folder = folderOf(root, growth)
  try {
    await makeFolder(root, folder)
    await writeDurably(path.join(folder, keyFile), [Buffer.from(key)])
    await syncFolder(folder)
    return growth
  } catch (error) {
    throw diskError(error, key)
  }
}

async function remove(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true })
  } catch (error) {
    throw diskError(error, growingFolder)
  }
}
