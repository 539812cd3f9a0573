import { isMark, markHoldsUntil } from '../../core/storage/asset-signature.ts'
import { cacheControlFor, servedTypeFor, signedCacheControl, untyped } from '../../core/storage/content-types.ts'
import { isSafeKey, isSourceKey, isStagingKey, shownAsset } from '../../core/storage/keys.ts'

/** Who may read what. */
export type Gate = {
  /** What addresses are signed with. */
  secret: string
  /** Whether the asset that a key belongs to is there, and for callers without a signature, whether anybody may see it. */
  allowKey(key: string, caller: { signed: boolean }): boolean | Promise<boolean>
  /** Signatures of single keys, where the store gives them. */
  signatureHolds?(key: string, query: { exp: string | undefined; sig: string | undefined }): boolean
}

/** A key that may be read, and the headers of the answer. */
export type Way = { key: string; contentType: string; cacheControl: string; attachment: boolean }

type Asked = { path: string; query: Record<string, unknown>; gate: Gate }

/**
 * How the path below `/media/` may be read, or undefined when it may not: pieces of uploads never, sources by their own signature alone and only to be
 * saved, without a type; everything else in types of ours. Refusals take the same steps as things that are not there.
 */
export async function wayTo({ path, query, gate }: Asked): Promise<Way | undefined> {
  const { mark, key } = parted(path)
  if (!isSafeKey(key) || isStagingKey(key)) return undefined
  const until = mark === undefined ? signedUntil({ key, query, gate }) : markedUntil({ mark, key, gate })
  const allowed = await gate.allowKey(key, { signed: until !== undefined })
  if (!allowed || (mark !== undefined && until === undefined)) return undefined
  const cacheControl = until === undefined ? cacheControlFor(key) : signedCacheControl(key, (until - Date.now()) / 1000)
  if (isSourceKey(key))
    return until === undefined ? undefined : { key, contentType: untyped, cacheControl, attachment: true }
  const contentType = servedTypeFor(key)
  return contentType === undefined ? undefined : { key, contentType, cacheControl, attachment: false }
}

function parted(path: string): { mark?: string; key: string } {
  const slash = path.indexOf('/')
  const first = path.slice(0, slash)
  return slash > 0 && isMark(first) ? { mark: first, key: path.slice(slash + 1) } : { key: path }
}

/** A mark opens what its asset shows, and nothing else that lies beside it. */
function markedUntil({ mark, key, gate }: { mark: string; key: string; gate: Gate }): number | undefined {
  const asset = shownAsset(key)
  const until = markHoldsUntil({
    mark,
    asset: asset ?? { tenant: '', id: '' },
    secret: gate.secret,
    now: Date.now(),
  })
  return asset && until
}

function signedUntil({ key, query, gate }: { key: string; query: Asked['query']; gate: Gate }): number | undefined {
  const { exp, sig } = { exp: text(query['exp']), sig: text(query['sig']) }
  return gate.signatureHolds?.(key, { exp, sig }) ? Number(exp) * 1000 : undefined
}

const text = (value: unknown) => (typeof value === 'string' ? value : undefined)
