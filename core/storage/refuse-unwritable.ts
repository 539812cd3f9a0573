import { SluiceError } from '../errors.ts'
import { within } from '../within.ts'
import type { Storage } from './storage.ts'

const patienceMs = 10_000

/** What a disk says that lets nobody write there, and what a store says to those whom it does not know or who name no bucket of its. */
const denials = new Set([
  ...['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENOENT'],
  ...['AccessDenied', 'AllAccessDisabled', 'InvalidAccessKeyId', 'SignatureDoesNotMatch', 'NoSuchBucket'],
  ...['InvalidBucketName', 'PermanentRedirect', 'AuthorizationHeaderMalformed', 'Forbidden'],
])

/** No process starts that could keep nothing. A store that is merely away, or full, is waited for as always. */
export async function refuseUnwritable(storage: Pick<Storage, 'driver' | 'check'>): Promise<void> {
  try {
    await within(patienceMs, storage.check())
  } catch (cause) {
    const denial = denialIn(cause)
    if (denial === undefined) return
    const what = storage.driver === 'local' ? 'STORAGE_DIR cannot be written to' : 'S3_BUCKET cannot be written to'
    throw new SluiceError('storage_not_writable', { message: `${what}: ${denial}`, cause })
  }
}

function denialIn(thrown: unknown): string | undefined {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
    if (denials.has(code) || denials.has(error.name)) return `${error.name}: ${error.message}`.slice(0, 500)
  }
  return undefined
}
