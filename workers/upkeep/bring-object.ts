import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { SluiceError } from '../../core/errors.ts'
import { cacheControlFor, contentTypeFor } from '../../core/storage/content-types.ts'
import { isSourceKey, privateObject } from '../../core/storage/keys.ts'
import type { SpoolingStorage } from '../../core/storage/spooling.ts'
import type { StoredObject } from '../../core/storage/storage.ts'

type Bringing = { storage: SpoolingStorage; object: StoredObject; signal: AbortSignal }

/** Copies one spooled object to the store unless it is there already, and reads it back: what is there are the same bytes, or this throws. */
export async function bringObject({ storage: { spool, home }, object, signal }: Bringing): Promise<void> {
  const { key, bytes } = object
  const spooled = await hashOf(await spool.get(key, { signal }), signal)
  const readBack = async () => (await hashOf(await home.get(key, { signal }), signal)) === spooled
  if ((await home.head(key))?.bytes === bytes && (await readBack())) return
  const put = await home.put(key, await spool.get(key, { signal }), { ...headersOf(key), signal })
  if (put.sha256 === spooled && put.bytes === bytes && (await readBack())) return
  throw new SluiceError('storage_unavailable', { message: `${key} came home as other bytes than were spooled` })
}

const headersOf = (key: string) =>
  isSourceKey(key) ? privateObject : { contentType: contentTypeFor(key), cacheControl: cacheControlFor(key) }

async function hashOf(body: Readable, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(body, hash, { signal })
  return hash.digest('hex')
}
