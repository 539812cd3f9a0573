/** @import { Asset, Page } from './types.d.ts' */
import { assetRow } from './asset-row.js'
import { isUnfinished, nameOf } from './words.js'

/** Enough for a burst of a thousand between two looks; past that, older rows wait for their turn. */
const mostPages = 10

/**
 * The list of assets, newest first. Ids grow with time, so their order is the order of the rows.
 * @param {{ root: HTMLElement, fetchPage: (options: { cursor: string | undefined, limit: number }) => Promise<Page>,
 *   open: (asset: Asset) => void, say: (news: string) => void }} options
 */
export function assetList({ root, fetchPage, open, say }) {
  /** @type {Map<string, ReturnType<typeof assetRow>>} */
  const rows = new Map()
  /** Where the loaded part ends. @type {{ id: string, cursor: string | null } | undefined} */
  let tail
  let ahead = 0
  const now = () => Date.now() + ahead
  const ids = () => [...rows.keys()].sort()

  /** @param {Asset} asset */
  const put = (asset) => {
    const row = rows.get(asset.id)
    if (row === undefined) return add(asset)
    const before = row.asset()
    // An answer that was under way while a newer one came must not turn the row back.
    if (asset.updatedAt < before.updatedAt) return row
    row.update(asset)
    announce({ before, after: asset, say })
    return row
  }

  /** @param {Asset} asset */
  const add = (asset) => {
    const row = assetRow({ asset, open, say, now })
    const next = ids()
      .reverse()
      .find((id) => id < asset.id)
    root.insertBefore(row.element, rows.get(next ?? '')?.element ?? null)
    rows.set(asset.id, row)
    return row
  }

  /** @param {{ cursor: string | undefined, limit: number }} where */
  const load = async (where) => {
    const asked = Date.now()
    const page = await fetchPage(where)
    if (page.serverTime !== undefined) ahead = page.serverTime - (asked + Date.now()) / 2
    for (const asset of page.data) put(asset)
    const last = page.data.at(-1)?.id
    if (last !== undefined && (tail === undefined || last <= tail.id)) tail = { id: last, cursor: page.nextCursor }
    return { page, last }
  }

  /** Reads from the newest down to what can still change, and to what was known before. */
  const refresh = async () => {
    const known = new Set(rows.keys())
    const downTo = lowestThatMatters(rows)
    const seen = new Set()
    let [pages, done] = [0, false]
    /** @type {string | undefined} */
    let cursor
    while (!done && pages < mostPages) {
      const { page, last } = await load({ cursor, limit: downTo === undefined || pages === 0 ? 25 : 100 })
      for (const { id } of page.data) seen.add(id)
      pages += 1
      cursor = page.nextCursor ?? undefined
      done = cursor === undefined || downTo === undefined || last === undefined || last <= downTo
      for (const id of known) if (!seen.has(id) && (cursor === undefined || id > (last ?? ''))) remove(id)
    }
    return { pages, busy: unfinished().length > 0 }
  }

  /** @param {string} id */
  const remove = (id) => {
    rows.get(id)?.element.remove()
    rows.delete(id)
  }
  const unfinished = () => [...rows.values()].filter((row) => isUnfinished(row.asset()))
  const loadMore = async () => {
    if (tail?.cursor) await load({ cursor: tail.cursor, limit: 25 })
  }
  return {
    put,
    refresh,
    loadMore,
    hasMore: () => tail !== undefined && tail.cursor !== null,
    counts: () => ({ all: rows.size, unfinished: unfinished().length }),
  }
}

/** @param {Map<string, ReturnType<typeof assetRow>>} rows */
function lowestThatMatters(rows) {
  const ids = [...rows.keys()].sort()
  return ids.find((id) => isUnfinished(/** @type {Asset} */ (rows.get(id)?.asset()))) ?? ids.at(-1)
}

/** @param {{ before: Asset, after: Asset, say: (news: string) => void }} options */
function announce({ before, after, say }) {
  const name = nameOf(after)
  if (after.status === 'failed' && before.status !== 'failed') say(`${name} failed: ${after.error?.message ?? ''}`)
  else if (after.status === 'ready' && before.status !== 'ready') say(`${name} is ready`)
  else if (after.playable && !before.playable) say(`${name} can be played`)
}
