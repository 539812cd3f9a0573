/** Where everything of one asset lies. Ids are UUIDs and tenants are checked slugs, so no stranger's text but a made-safe name enters a key. */
export type AssetRef = { tenant: string; id: string }

export const assetPrefix = (asset: AssetRef) => `${asset.tenant}/${asset.id}/`
export const sourceKey = (asset: AssetRef, filename: string | undefined) =>
  `${assetPrefix(asset)}source/${safeName(filename)}`
export const generationPrefix = (asset: AssetRef, generation: number) => `${assetPrefix(asset)}g${generation}/`

/** A file name with nothing in it that a path, a shell, a header or a screen could take amiss. */
export function safeName(filename: string | undefined): string {
  const base = (filename ?? '').normalize('NFKC').split(/[/\\]/).at(-1) ?? ''
  const safe = base
    .replace(/[^\p{Letter}\p{Number}._-]+/gu, '-')
    .replace(/^[.-]+|[.-]+$/g, '')
    .slice(-80)
  return /^[\p{Letter}\p{Number}]/u.test(safe) && Buffer.byteLength(safe) <= 200 ? safe : 'original'
}
