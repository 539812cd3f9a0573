import { z } from 'zod'
import { SluiceError } from '../errors.ts'
import { isSafeKey } from './keys.ts'

const openParts = z.strictObject({ key: z.string().refine(isSafeKey), uploadId: z.string().min(1) })

/** An object whose parts a store takes from clients by itself: plain JSON that the caller keeps in a row. */
export type OpenParts = z.infer<typeof openParts>

export function parseOpenParts(value: unknown): OpenParts {
  const parsed = openParts.safeParse(value)
  if (parsed.success) return parsed.data
  throw new SluiceError('internal', {
    message: `these are no open parts: ${parsed.error.message}`,
    cause: parsed.error,
  })
}

export type StoredPart = { partNumber: number; etag: string; bytes: number }

/** A store that takes bytes from our clients at addresses that we sign. What they put there is theirs to say, and ours to check. */
export type PartStore = {
  /** Whether it takes nothing at such an address but the part that was signed; found out by trying, once. */
  trusted(): Promise<boolean>
  begin(key: string, options: { contentType: string; cacheControl: string }): Promise<OpenParts>
  /** An address that takes one PUT of this part, again and again until it expires; of exactly so many bytes, where that is known. */
  address(open: OpenParts, part: { partNumber: number; bytes?: number; expiresInSeconds: number }): Promise<string>
  /** What has come, by number; undefined when there is no such upload any more. */
  list(open: OpenParts): Promise<StoredPart[] | undefined>
  /** Makes them one object. When there is no such upload any more, nothing happens: whoever calls looks at the key. */
  join(open: OpenParts, parts: Pick<StoredPart, 'partNumber' | 'etag'>[]): Promise<void>
  /** Takes back what has come. Repeatable; an object that was made of it stays. */
  abort(open: OpenParts): Promise<void>
}
