import { unlink } from 'node:fs/promises'
import path from 'node:path'
import { checkStorage } from './check.ts'
import type { Floor } from './disk-floor.ts'
import { joinObjects } from './join.ts'
import { checkKey, encodeKey, folderOf } from './keys.ts'
import { diskError, isAbsent, notFound } from './local-errors.ts'
import { growLocally } from './local-growing.ts'
import { listFolder } from './local-list.ts'
import { liesBelow, pruneFolders, syncFolder } from './local-place.ts'
import { describe, openObject } from './local-read.ts'
import { sweepFolders } from './local-sweep.ts'
import { linkOrCopy, placeWhole, writeDurably } from './local-write.ts'
import { meterBody } from './meter.ts'
import { signatureHolds, signKey } from './signature.ts'
import type { PutOptions, PutResult, Storage } from './storage.ts'

export type LocalSettings = {
  driver: 'local'
  dir: string
  publicUrl: string
  signingSecret: string
  /** What is left alone of its disk. */
  floor?: Floor
}

/** Local storage has no addresses but ours, which `GET /media/<key>` serves. */
export type LocalStorage = Storage & {
  readonly driver: 'local'
  signatureHolds(key: string, query: { exp?: string | undefined; sig?: string | undefined }): boolean
}

/** Media on the local disk: one file an object, type and cache header by its name. */
export function openLocalStorage(settings: LocalSettings): LocalStorage {
  const root = path.resolve(settings.dir)
  const place = (key: string) => path.join(root, checkKey(key))
  const publicUrl = (key: string) => `${settings.publicUrl.replace(/\/+$/, '')}/media/${encodeKey(checkKey(key))}`
  const storage: LocalStorage = {
    driver: 'local',
    put: async (key, body, options) => put({ root, key, target: place(key), body, options }),
    async open(key) {
      const file = await openObject(root, checkKey(key))
      return file && { ...file, read: async (options) => file.read(options) }
    },
    async head(key) {
      const object = await openObject(root, checkKey(key))
      if (!object) return undefined
      await object.close()
      const { read: _read, close: _close, ...facts } = object
      return facts
    },
    async get(key, options = {}) {
      options.signal?.throwIfAborted()
      const object = await openObject(root, checkKey(key))
      if (!object) throw notFound(key)
      try {
        return object.read(options)
      } catch (error) {
        await object.close()
        throw error
      }
    },
    pathOf: place,
    copy: async (from, to) => copy({ root, from: checkKey(from), to: checkKey(to) }),
    join: (keys, to, options) => joinObjects(storage, keys, to, options),
    growing: growLocally(root),
    list: (prefix) => listFolder(root, folderOf(prefix)),
    async delete(keys) {
      for (const key of keys) await remove(root, place(key), key)
    },
    deletePrefix: async (prefix) => removeFolder(root, folderOf(prefix)),
    sweep: ({ olderThanMs, spare }) => sweepFolders({ root, before: Date.now() - olderThanMs, spare }),
    signedUrl: async (key, { expiresInSeconds }) =>
      `${publicUrl(key)}?${signKey({ key, secret: settings.signingSecret, expiresInSeconds, now: Date.now() })}`,
    signatureHolds: (key, { exp, sig }) =>
      signatureHolds({ key, secret: settings.signingSecret, exp, sig, now: Date.now() }),
    publicUrl,
    settle: () => Promise.resolve(),
    needRoom: () => Promise.resolve(),
    check: () => checkStorage(storage),
    close: () => Promise.resolve(),
  }
  return storage
}

async function put(options: {
  root: string
  key: string
  target: string
  body: Parameters<Storage['put']>[1]
  options: PutOptions
}): Promise<PutResult> {
  const { root, key, target, body } = options
  const { maxBytes, signal } = options.options
  const meter = meterBody({ body, maxBytes, signal })
  try {
    const stat = await placeWhole({ root, target, make: (temp) => writeDurably(temp, meter.chunks) })
    const { bytes, sha256 } = meter.seen()
    return { key, bytes, sha256, etag: describe(key, stat).etag }
  } catch (error) {
    const failure = meter.failure()
    throw failure ? failure.reason : diskError(error, key)
  } finally {
    if (!Buffer.isBuffer(body)) body.destroy()
  }
}

async function copy({ root, from, to }: { root: string; from: string; to: string }): Promise<number> {
  const source = await openObject(root, from)
  if (!source) throw notFound(from)
  await source.close()
  try {
    await placeWhole({ root, target: path.join(root, to), make: (temp) => linkOrCopy(path.join(root, from), temp) })
  } catch (error) {
    throw isAbsent(error) ? notFound(from) : diskError(error, to)
  }
  return source.bytes
}

async function remove(root: string, file: string, key: string): Promise<void> {
  const folder = path.dirname(file)
  try {
    if (!(await liesBelow(root, folder))) return
    await unlink(file)
    await syncFolder(folder)
    await pruneFolders(root, folder)
  } catch (error) {
    if (!isAbsent(error)) throw diskError(error, key)
  }
}

async function removeFolder(root: string, folder: string): Promise<number> {
  if (folder === '') throw new RangeError('refusing to delete everything: deletePrefix wants a prefix')
  let removed = 0
  for await (const object of listFolder(root, folder)) {
    await remove(root, path.join(root, object.key), object.key)
    removed++
  }
  return removed
}
