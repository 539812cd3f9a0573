import { type ErrorCode, SluiceError } from '../../core/errors.ts'

/** What libvips says, and what it means for whoever sent the picture. First match wins. */
const meanings: [RegExp, ErrorCode][] = [
  [/unsupported image format/i, 'unsupported_container'],
  [
    /exceeds pixel limit|security limit|maximum image size|supported image dimension|dimensions? (exceed|too large)/i,
    'too_many_pixels',
  ],
  [/timeout: /i, 'resource_limit'],
  [/out of memory|insufficient memory|memory allocation|unable to allocate|failed to allocate/i, 'resource_limit'],
  [/heif: .*(unsupported (codec|feature)|no decoding plugin|decoder plugin)/i, 'unsupported_codec'],
]

/** Why a stranger's picture could not be read. Whatever is not understood is damage: trying again would change nothing. */
export function decodeFailure(thrown: unknown): SluiceError {
  const message = thrown instanceof Error ? thrown.message.slice(-2000) : String(thrown)
  const code = meanings.find(([pattern]) => pattern.test(message))?.[1] ?? 'corrupt_media'
  return new SluiceError(code, { message: `The picture cannot be read: ${message}`, cause: thrown })
}

/** Why pixels of our own could not be written. */
export function encodeFailure(thrown: unknown, file: string): SluiceError {
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  const code = /timeout: |out of memory|unable to allocate/i.test(message) ? 'resource_limit' : 'encoder_failed'
  return new SluiceError(code, { message: `${file} cannot be encoded: ${message}`, cause: thrown })
}
