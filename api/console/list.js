/** @import { Asset, Page } from './types.d.ts' */
import { assetRow } from './asset-row.js'
import { isUnfinished, nameOf } from './words.js'

/** Enough for a burst of a thousand between two looks; past that, older rows wait for their turn. */
const mostPages = 10

/**
 * The list of assets, newest first. Ids grow with time, so their order is the order of the rows.
 * @param {{ root: HTMLElement, fetchPage: (options: { cursor: string | undefined, limit: number }) => Promise<Page>,
 *   fits: (asset: Asset) => boolean, isElsewhere: (id: string) => boolean,
 *   open: (asset: Asset) => void, onPut: (asset: Asset) => void, say: (news: string) => void }} options
 */
export function assetList({ root, fetchPage, fits, isElsewhere, open, onPut, say }) {
  /** @type {Map<string, ReturnType<typeof assetRow>>} */
  const rows = new Map()
  /** Where the loaded part ends. @type {{ id: string, cursor: string | null } | undefined} */
  let tail
  let [ahead, round] = [0, 0]
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
    onPut(asset)
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
    const [asked, mine] = [Date.now(), round]
    const page = await fetchPage(where)
    // Whoever changed the filters meanwhile asks anew.
    if (mine !== round) return { page: { ...page, data: [], nextCursor: null }, last: undefined, stale: true }
    if (page.serverTime !== undefined) ahead = page.serverTime - (asked + Date.now()) / 2
    for (const asset of page.data) put(asset)
    const last = page.data.at(-1)?.id
    if (last !== undefined && (tail === undefined || last <= tail.id)) tail = { id: last, cursor: page.nextCursor }
    return { page, last, stale: false }
  }

  /** What an event tells. One that has no row here gets one if it is new, or else waits until it is scrolled to. @param {Asset} asset */
  const take = (asset) => {
    const isNew = fits(asset) && (tail === undefined || asset.id > tail.id)
    if (!rows.has(asset.id) && !isNew) return false
    put(asset)
    return true
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
      const { page, last, stale } = await load({ cursor, limit: downTo === undefined || pages === 0 ? 25 : 100 })
      if (stale) break
      for (const { id } of page.data) seen.add(id)
      pages += 1
      cursor = page.nextCursor ?? undefined
      done = cursor === undefined || downTo === undefined || last === undefined || last <= downTo
      for (const id of known) if (!seen.has(id) && (cursor === undefined || id > (last ?? ''))) remove(id)
    }
    show()
    return { pages: Math.max(1, pages), busy: unfinished().length > 0 }
  }

  /** @param {string} id */
  const remove = (id) => {
    const element = rows.get(id)?.element
    const hadFocus = element?.contains(document.activeElement)
    const near = /** @type {HTMLElement | null} */ (element?.nextElementSibling ?? element?.previousElementSibling)
    element?.remove()
    rows.delete(id)
    if (hadFocus) near?.querySelector('button')?.focus()
  }

  /** Only what fits the filters is seen, and what has no row of its own among the uploads. */
  const show = () => {
    for (const [id, row] of rows) row.element.hidden = isElsewhere(id) || !fits(row.asset())
  }
  const unfinished = () => [...rows.values()].filter((row) => isUnfinished(row.asset()))
  return {
    put,
    take,
    remove,
    show,
    refresh,
    /** Other filters: all that is here may be something else. */
    clear: () => {
      round += 1
      tail = undefined
      rows.clear()
      root.replaceChildren()
    },
    loadMore: async () => {
      if (tail?.cursor) await load({ cursor: tail.cursor, limit: 25 })
      show()
    },
    hasMore: () => tail !== undefined && tail.cursor !== null,
    unfinished,
    counts: () => ({
      all: rows.size,
      shown: [...rows.values()].filter((row) => !row.element.hidden).length,
      unfinished: unfinished().length,
    }),
    profiles: () => [...rows.values()].map((row) => row.asset().profile),
    find: (/** @type {string} */ id) => rows.get(id)?.asset(),
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
