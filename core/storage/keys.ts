import type { Visibility } from '../asset.ts'
import { SluiceError } from '../errors.ts'
import { isId } from '../ids.ts'

/** Where everything of one asset lies. Ids are UUIDs and tenants are checked slugs, so no stranger's text but a made-safe name enters a key. */
export type AssetRef = { tenant: string; id: string }

export const assetPrefix = (asset: AssetRef) => `${asset.tenant}/${asset.id}/`
/** `attempt` keeps several tries at one asset apart, so that none writes over what another has stored. */
export const sourceKey = (asset: AssetRef, filename: string | undefined, attempt?: string) =>
  `${assetPrefix(asset)}source/${attempt === undefined ? '' : `${attempt}-`}${safeName(filename)}`
/** What is private lies apart from what anybody may read, so that a rule for a whole bucket can open the one without the other. */
export const generationPrefix = (asset: AssetRef & { visibility: Visibility }, generation: number) =>
  `${assetPrefix(asset)}${asset.visibility === 'private' ? 'p' : 'g'}${generation}/`

/** Where pieces wait until they are the source: chunks, and what is too small to be a part of a multipart upload. */
export const stagingPrefix = (asset: AssetRef) => `${assetPrefix(asset)}upload/`

/** The same, as a store sees it that knows no more than the key of the source. */
export const stagingBeside = (key: string) => `${[...key.split('/').slice(0, -2), 'upload'].join('/')}/`

/** A file name with nothing in it that a path, a shell, a header or a screen could take amiss. */
export function safeName(filename: string | undefined): string {
  const base = (filename ?? '').normalize('NFKC').split(/[/\\]/).at(-1) ?? ''
  const safe = base
    .replace(/[^\p{Letter}\p{Number}._-]+/gu, '-')
    .replace(/^[.-]+|[.-]+$/g, '')
    .slice(-80)
  return /^[\p{Letter}\p{Number}]/u.test(safe) && Buffer.byteLength(safe) <= 200 ? safe : 'original'
}

// S3 takes 1024 bytes of key; most file systems take 255 bytes of name.
const maxKeyBytes = 1024
const maxSegmentBytes = 255
const wellKept = (segment: string) =>
  segment !== '' && !segment.startsWith('.') && Buffer.byteLength(segment) <= maxSegmentBytes

/** Whether a driver may touch this key: relative, without dot segments or hidden names, in letters that every store keeps. */
export function isSafeKey(key: string): boolean {
  if (key === '' || !key.isWellFormed() || Buffer.byteLength(key) > maxKeyBytes) return false
  // biome-ignore lint/suspicious/noControlCharactersInRegex: refusing control characters is the point
  if (/[\x00-\x1f\x7f\\]/.test(key)) return false
  return key.split('/').every(wellKept)
}

/** Refuses a key that no honest caller makes; the last line of defence, in front of every driver. */
export function checkKey(key: string): string {
  if (isSafeKey(key)) return key
  throw new SluiceError('invalid_request', {
    message: `storage key ${JSON.stringify(key.slice(0, 120))} is not allowed`,
  })
}

/** Prefixes are folders: `a/b` means `a/b/`, so that `a/bc` is never touched by accident. Empty means everything. */
export function folderOf(prefix: string): string {
  const bare = prefix.endsWith('/') ? prefix.slice(0, -1) : prefix
  return bare === '' && prefix === '' ? '' : `${checkKey(bare)}/`
}

/** A key as the path of an address. */
export const encodeKey = (key: string) => key.split('/').map(encodeURIComponent).join('/')

/** Whose a key is. */
export function assetOfKey(key: string): AssetRef | undefined {
  const [tenant, id, ...rest] = key.split('/')
  return tenant === undefined || id === undefined || rest.length === 0 ? undefined : { tenant, id }
}

/** What is moved and served as one: a source, an upload's pieces, a generation. */
export type ObjectSet = AssetRef & { folder: string }

/** The set that a key, or a prefix, lies in; undefined where it lies in none, as objects that others put into our bucket, or names more than one. */
export function setOfKey(key: string): ObjectSet | undefined {
  const [tenant, id, folder] = key.split('/')
  return tenant && id && folder && isId(id) ? { tenant, id, folder } : undefined
}

export const setPrefix = ({ folder, ...asset }: ObjectSet) => `${assetPrefix(asset)}${folder}/`

/** Whose it is when it is a file that viewers may ever see: one of a generation, never a source or an upload. */
export const shownAsset = (key: string): AssetRef | undefined =>
  /^[^/]+\/[^/]+\/[gp]\d+\/./.test(key) && !isSourceKey(key) ? assetOfKey(key) : undefined

/** Files that only their holders may see, by where they lie. */
export const isPrivateKey = (key: string) => /^[^/]+\/[^/]+\/p\d+\//.test(key)

// Below the tenant, who may be called `source` and be served all the same. Disks that fold case find `SOURCE` as well.
const liesIn = (key: string, folder: string) =>
  key.normalize('NFKC').toLowerCase().split('/').slice(1, -1).includes(folder)

/** Sources are strangers' bytes: never public, whatever their name. */
export const isSourceKey = (key: string) => liesIn(key, 'source')

/** Pieces of an upload are nobody's to read, signed or not: they are strangers' bytes, and not whole. */
export const isStagingKey = (key: string) => liesIn(key, 'upload')

/** How strangers' bytes are stored before anybody has looked at them: of no type, in no cache. */
export const privateObject = { contentType: 'application/octet-stream', cacheControl: 'private, no-store' }
