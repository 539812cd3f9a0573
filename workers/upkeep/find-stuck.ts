import { type Place, stuckAssets, unstick } from '../../core/db/stuck-assets.ts'
import type { House } from '../house.ts'

type Keeping = Pick<House, 'db' | 'push' | 'log'>

/**
 * The last net: an asset that is not at its end and that nothing brings further, whatever went wrong, goes on or fails.
 * Makes a search that goes through all unfinished ones, a page a turn.
 */
export function stuckSearch(
  { db, push, log }: Keeping,
  { quietMs, limit = 1_000 }: { quietMs: number; limit?: number },
) {
  let from: Place | undefined
  return async (): Promise<number> => {
    const { stuck, next } = await stuckAssets(db, { quietMs, limit, from })
    from = next
    let found = 0
    for (const asset of stuck) {
      const end = await unstick(db, asset)
      if (end === undefined) continue
      found++
      log.error(
        { assetId: asset.id, how: end.how },
        'an asset was stuck: nothing that was to be done brought it further',
      )
      push.push(end.reminders)
    }
    return found
  }
}
