import { realpath } from 'node:fs/promises'
import path from 'node:path'
import type { Config } from '../config.ts'
import { scratchFolder } from '../scratch-folder.ts'
import { isSafeKey } from './keys.ts'
import { isAbsent } from './local-errors.ts'
import type { ObjectAddress } from './object-address.ts'
import { openStorage } from './open.ts'
import { bucketSettings } from './settings.ts'
import type { Storage } from './storage.ts'

/** An object that lies somewhere already. `own`: in the very storage that our assets lie in, where not all is everybody's. */
export type ObjectPlace = { storage: Pick<Storage, 'driver' | 'open' | 'pathOf'>; key: string; own: boolean }

/** Where media may lie that is taken over without a copy: in our own storage, in SOURCE_BUCKETS, below SOURCE_DIRS. */
export type ObjectStores = {
  /** Undefined for every other place. Says nothing of whether there is an object. */
  placeOf(address: ObjectAddress): Promise<ObjectPlace | undefined>
  close(): Promise<void>
}

type Options = { config: Config; storage: Storage }

/** Nothing is opened before it is asked for. */
export function openObjectStores({ config, storage }: Options): ObjectStores {
  const opened = new Map<string, Promise<Storage>>()
  const opening = (name: string, open: () => Promise<Storage>) => {
    const store = opened.get(name) ?? open()
    opened.set(name, store)
    return store
  }
  const inBucket = async (bucket: string, key: string): Promise<ObjectPlace | undefined> => {
    if (config.STORAGE === 's3' && bucket === config.S3_BUCKET) return { storage, key, own: true }
    if (!config.SOURCE_BUCKETS.includes(bucket)) return undefined
    const store = await opening(`s3://${bucket}`, () => openStorage(bucketSettings(config, bucket)))
    return { storage: store, key, own: false }
  }
  const inFolder = async (file: string): Promise<ObjectPlace | undefined> => {
    const ours = config.STORAGE === 'local' ? [config.STORAGE_DIR] : []
    const root = rootOf(file, [...ours, ...config.SOURCE_DIRS])
    const real = root && (await realPlace({ root, file }))
    if (root === undefined || real === undefined || !isSafeKey(keyIn(root, file))) return undefined
    for (const dir of ours) {
      const key = await keyBelow(dir, real)
      if (key !== undefined) return isSafeKey(key) ? { storage, key, own: true } : undefined
    }
    if ((await keyBelow(scratchFolder(config), real)) !== undefined) return undefined
    const settings = { driver: 'local' as const, dir: root, publicUrl: '', signingSecret: '' }
    return { storage: await opening(root, () => openStorage(settings)), key: keyIn(root, file), own: false }
  }
  return {
    placeOf: (address) => (address.in === 'bucket' ? inBucket(address.bucket, address.key) : inFolder(address.path)),
    async close() {
      for (const store of opened.values()) await (await store).close()
    },
  }
}

const keyIn = (root: string, file: string) => path.relative(root, file).split(path.sep).join('/')
const isBelow = (root: string, file: string) => file.startsWith(root.endsWith(path.sep) ? root : root + path.sep)

/** The innermost of the folders that a file lies in, as its path says. */
function rootOf(file: string, folders: string[]): string | undefined {
  const roots = folders.map((folder) => path.resolve(folder)).filter((root) => isBelow(root, file))
  return roots.sort((a, b) => b.length - a.length)[0]
}

/** Where a file lies really, if the way to its folder holds no links: the driver follows none below its root. */
async function realPlace({ root, file }: { root: string; file: string }): Promise<string | undefined> {
  const real = await realOf(root)
  return real && path.join(real, path.relative(root, file))
}

async function keyBelow(folder: string, realFile: string): Promise<string | undefined> {
  const real = await realOf(folder)
  return real !== undefined && isBelow(real, realFile) ? keyIn(real, realFile) : undefined
}

async function realOf(folder: string): Promise<string | undefined> {
  try {
    return await realpath(folder)
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
}
