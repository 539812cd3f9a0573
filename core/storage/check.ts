import { randomUUID } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { SluiceError } from '../errors.ts'
import type { Storage } from './storage.ts'

/** Where whoever tries a store writes what he takes away again. It is nobody's, and what a dead process left in it goes. */
export const checkFolder = 'sluice-check'

export const newCheckKey = (extension: string) => `${checkFolder}/${randomUUID()}.${extension}`

/** Writes, reads back and deletes one small object; throws when the store does not keep its word. */
export async function checkStorage(storage: Pick<Storage, 'put' | 'get' | 'delete'>): Promise<void> {
  const key = newCheckKey('json')
  const body = Buffer.from(JSON.stringify({ check: key }))
  await storage.put(key, body, { contentType: 'application/json', cacheControl: 'no-cache' })
  try {
    const back = await buffer(await storage.get(key, { range: { start: 0, end: body.byteLength } }))
    if (!back.equals(body)) throw new SluiceError('storage_unavailable', { message: `${key} read back differently` })
  } finally {
    await storage.delete([key])
  }
}
