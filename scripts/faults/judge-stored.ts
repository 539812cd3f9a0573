import { assetOfKey, isSourceKey } from '../../core/storage/keys.ts'
import type { Facts, Violation } from './facts.ts'

/** Each object belongs to a row, and what a row names is there, with the bytes that it says. */
export function judgeStored({ assets, references, objects }: Facts): Violation[] {
  const found: Violation[] = []
  const say = (about: string, says: string) => found.push({ rule: 'I3', about, says })
  const byKey = new Map(objects.map((object) => [object.key, object]))
  const byId = new Map(assets.map((asset) => [asset.id, asset]))
  const wanted = new Set(references.map(({ key }) => key))
  for (const { assetId, key, bytes, sha256, of } of references) {
    const object = byKey.get(key)
    const asset = byId.get(assetId)
    // Of what failed, was stopped or deleted, rows may outlive the objects.
    if (asset?.status !== 'ready' || asset.deleted) continue
    if (object === undefined) say(`${of} ${key}`, 'is named by a row, and not there')
    else if (bytes !== undefined && object.bytes !== bytes)
      say(`${of} ${key}`, `is ${object.bytes} bytes, not ${bytes}`)
    else if (sha256 !== undefined && object.sha256 !== sha256) say(`${of} ${key}`, 'has other bytes than its row says')
  }
  for (const { key } of objects) {
    const asset = byId.get(assetOfKey(key)?.id ?? '')
    if (asset === undefined) say(key, 'belongs to no asset')
    else if (asset.deleted) say(key, 'is of a deleted asset')
    else if (!wanted.has(key) && !isPlaylist(key)) say(key, `is named by no row of its asset, which is ${asset.status}`)
  }
  return found
}

/** Written anew while they grow, and held to what is fetched through them; their sizes stand in no row. */
const isPlaylist = (key: string) => !isSourceKey(key) && /\.(m3u8|mpd)$/.test(key)
