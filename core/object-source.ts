import type { NewSource } from './accept.ts'
import { tenantExists } from './db/keys.ts'
import type { Database } from './db/open.ts'
import { SluiceError } from './errors.ts'
import { isId } from './ids.ts'
import { cleanFilename } from './net/filename.ts'
import { checkFolder } from './storage/check.ts'
import { parseObjectAddress } from './storage/object-address.ts'
import type { ObjectPlace, ObjectStores } from './storage/object-stores.ts'
import type { OpenObject } from './storage/storage.ts'

type House = { db: Database; objects: ObjectStores; config: { MAX_UPLOAD_BYTES: number } }

/** Media that lies in storage already, as a source: read where it lies, never written, never deleted. Refused where this tenant may not read it. */
export async function objectSource(
  { db, objects, config }: House,
  { object, tenant }: { object: string; tenant: string },
): Promise<Extract<NewSource, { type: 'object' }>> {
  const place = await placeOfObject(objects, object)
  if (place.own && !(await mayRead(db, { tenant, key: place.key }))) throw noObject(object)
  const found = await openObject(place, object)
  await found.close()
  if (found.bytes > config.MAX_UPLOAD_BYTES)
    throw new SluiceError('too_large', { message: `${object} has ${found.bytes} bytes` })
  const filename = cleanFilename(place.key)
  return { type: 'object', object, version: versionOf(place, found), bytes: found.bytes, filename }
}

/** Where an address leads, if anybody may name it. */
export async function placeOfObject(objects: ObjectStores, object: string): Promise<ObjectPlace> {
  const address = parseObjectAddress(object)
  if (address === undefined) throw notAllowed(object, 'it is no address like s3://bucket/key or file:/path')
  const place = await objects.placeOf(address)
  if (place === undefined) throw notAllowed(object, 'nothing may be taken from there')
  return place
}

/** The object as it is now; whoever calls closes it. */
export async function openObject(place: ObjectPlace, object: string): Promise<OpenObject> {
  const found = await place.storage.open(place.key).catch((error: unknown) => {
    if (isRefusal(error)) throw noObject(object, error)
    throw error
  })
  if (found === undefined) throw noObject(object)
  return found
}

/** Changes when the object does. Machines that share a folder may number its files each in their own way, so there it is size and time. */
export const versionOf = ({ storage }: ObjectPlace, { bytes, etag, modifiedAt }: OpenObject): string =>
  storage.driver === 's3' ? `${bytes} ${etag}` : `${bytes} ${modifiedAt.getTime()}`

const noObject = (object: string, cause?: unknown) =>
  new SluiceError('source_unavailable', {
    message: `no object at ${object}`,
    publicMessage: 'There is no such object.',
    // It was there once, or never: that is soon known.
    fate: 'retry',
    cause,
  })

const notAllowed = (object: string, why: string) =>
  new SluiceError('source_not_allowed', {
    message: `${object}: ${why}`,
    publicMessage: `This object may not be used: ${why}.`,
  })

/** In our own storage a tenant may read what is its own, as far as it is finished, and what belongs to none. */
async function mayRead(db: Database, { tenant, key }: { tenant: string; key: string }): Promise<boolean> {
  const [first = '', second = '', third = ''] = key.split('/')
  if (isId(second)) return first === tenant && /^(source|[gp]\d+)$/.test(third)
  if (first === tenant) return true
  return first !== checkFolder && !(await tenantExists(db, first))
}

/** What the store knows but does not give us is, for whoever asks, not there. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof SluiceError) || !(error.cause instanceof Error)) return false
  const { cause } = error
  if ('code' in cause && (cause.code === 'EACCES' || cause.code === 'EPERM')) return true
  const meta: unknown = '$metadata' in cause ? cause.$metadata : undefined
  const status = typeof meta === 'object' && meta !== null && 'httpStatusCode' in meta ? meta.httpStatusCode : undefined
  return status === 403 || status === 404
}
