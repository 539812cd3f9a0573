import { SluiceError } from '../errors.ts'

export const errnoOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

const absent = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR'])

/** True for what means "no object has this key": nothing there, a folder, or a link that we do not follow. */
export const isAbsent = (error: unknown) => absent.has(errnoOf(error) ?? '')

export const notFound = (key: string) => new SluiceError('not_found', { message: `no object at ${key}` })

/** Puts what the file system says into our words. Whatever is not understood counts as the disk not answering: tried later, never lost. */
export function diskError(error: unknown, key: string): SluiceError {
  if (error instanceof SluiceError) return error
  const errno = errnoOf(error)
  const message = `local storage failed on ${key}: ${error instanceof Error ? error.message : String(error)}`
  if (errno === 'ENOSPC' || errno === 'EDQUOT') return new SluiceError('no_space', { message, cause: error })
  // A key and a folder of the same name: S3 can hold both, a disk cannot.
  if (errno === 'EISDIR' || errno === 'ENOTDIR' || errno === 'EEXIST' || errno === 'ENOTEMPTY')
    return new SluiceError('conflict', { message, cause: error })
  return new SluiceError('storage_unavailable', { message, cause: error })
}
