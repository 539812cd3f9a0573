import { SluiceError } from '../errors.ts'
import { newCheckKey } from './check.ts'
import type { PartStore } from './parts.ts'
import type { Storage } from './storage.ts'

const plain = { contentType: 'text/plain', cacheControl: 'no-store' }

/**
 * Tries what a stranger would with the address of a part: to have another object copied in place of a body, by a header
 * that nobody signed. AWS refuses that; others have not (MinIO's CVE-2026-97731, Ceph).
 */
export async function refusesUnsignedCopies(
  storage: Pick<Storage, 'put' | 'delete'>,
  parts: Pick<PartStore, 'begin' | 'address' | 'list' | 'abort'>,
  bucket: string,
): Promise<boolean> {
  const key = newCheckKey('txt')
  await storage.put(key, Buffer.from('what an address is not to copy'), plain)
  try {
    const open = await parts.begin(`${key}.copy`, plain)
    try {
      const url = await parts.address(open, { partNumber: 1, expiresInSeconds: 60 })
      const status = await tryToCopy(url, `${bucket}/${key}`)
      if (status >= 500) throw new SluiceError('storage_unavailable', { message: `the store answered ${status}` })
      return status >= 400 && (await parts.list(open))?.length === 0
    } finally {
      await parts.abort(open)
    }
  } finally {
    await storage.delete([key])
  }
}

async function tryToCopy(url: string, from: string): Promise<number> {
  try {
    const answer = await fetch(url, {
      method: 'PUT',
      headers: { 'x-amz-copy-source': from },
      body: '',
      redirect: 'error',
      signal: AbortSignal.timeout(30_000),
    })
    await answer.arrayBuffer()
    return answer.status
  } catch (cause) {
    throw new SluiceError('storage_unavailable', { message: 'the store could not be tried', cause })
  }
}
