import { type AssetStatus, assetMoves } from '../../core/asset.ts'
import type { Facts, Violation } from './facts.ts'
import { judgeStored } from './judge-stored.ts'

/** Everything that was promised and is not so. */
export function judge(facts: Facts): Violation[] {
  return [
    ...allEnded(facts),
    ...onePerKey(facts),
    ...judgeStored(facts),
    ...allShown(facts),
    ...nothingTakenBack(facts),
    ...facts.left.map((left): Violation => ({ rule: 'I6', about: left, says: 'was left behind' })),
    ...legalHistories(facts),
    ...saidOnce(facts),
    ...facts.leaks.map((leak): Violation => ({ rule: 'I9', about: leak, says: 'holds a secret' })),
  ]
}

const ends = new Set(['ready', 'failed', 'cancelled'])
const acknowledgedIn = ({ history }: Facts) => history.filter((entry) => entry.what === 'acknowledged')
const deletedIn = ({ history }: Facts) =>
  new Set(history.flatMap((entry) => (entry.what === 'deleted' ? entry.assetId : [])))

/** What was acknowledged has come to its end, and good media to a good one. Nothing else hangs either. */
function allEnded(facts: Facts): Violation[] {
  const found: Violation[] = []
  const assets = new Map(facts.assets.map((asset) => [asset.id, asset]))
  const deleted = deletedIn(facts)
  const say = (about: string, says: string) => found.push({ rule: 'I1', about, says })
  for (const { item, assetId } of acknowledgedIn(facts)) {
    const asset = assets.get(assetId)
    if (asset === undefined) say(`${item} ${assetId}`, 'was acknowledged, and there is no such asset')
    else if (deleted.has(assetId)) {
      if (!asset.deleted) say(`${item} ${assetId}`, 'was deleted, and is back')
    } else if (asset.deleted) say(`${item} ${assetId}`, 'was acknowledged, and is gone')
    else if (!ends.has(asset.status)) say(`${item} ${assetId}`, `is ${asset.status}`)
    else if (asset.status === 'failed' && asset.error === undefined) say(`${item} ${assetId}`, 'failed for no reason')
  }
  const wanted = new Map(facts.items.map((item) => [item.name, item]))
  for (const asset of facts.assets) {
    if (asset.deleted || asset.status === 'waiting') continue
    const { media, comesTo } = wanted.get(asset.item) ?? {}
    if (!ends.has(asset.status)) say(`${asset.item} ${asset.id}`, `is ${asset.status} for ever`)
    else if (comesTo !== undefined && asset.status !== comesTo)
      say(`${asset.item} ${asset.id}`, `${media} came to ${asset.status} (${asset.error}), not ${comesTo}`)
  }
  for (const task of facts.tasks)
    if (task.status === 'pending' || task.status === 'running')
      say(`task ${task.key} of ${task.assetId}`, `is ${task.status} for ever (${task.error})`)
  return unique(found)
}

/** However often a call with a key was sent, and answered, it made one asset. */
function onePerKey(facts: Facts): Violation[] {
  const found: Violation[] = []
  const keyed = facts.history.filter((entry) => entry.what === 'sent' && entry.key !== undefined)
  for (const { item } of keyed.filter((entry) => entry.what === 'sent')) {
    const told = new Set(acknowledgedIn(facts).flatMap((entry) => (entry.item === item ? entry.assetId : [])))
    const rows = facts.assets.filter((asset) => asset.item === item)
    if (told.size > 1) found.push({ rule: 'I2', about: item, says: `was answered with ${[...told].join(' and ')}` })
    if (rows.length > 1) found.push({ rule: 'I2', about: item, says: `has ${rows.length} assets under one key` })
  }
  return found
}

function allShown({ shown, assets }: Facts): Violation[] {
  const ready = assets.filter(({ status, deleted }) => status === 'ready' && !deleted)
  const seen = new Map(shown.map((one) => [one.assetId, one]))
  return ready.flatMap(({ id, item }): Violation[] => {
    const say = (says: string): Violation => ({ rule: 'I4', about: `${item} ${id}`, says })
    const one = seen.get(id)
    if (one === undefined) return [say('is ready, and nobody has looked at it')]
    const found = one.broken.map((broken) => say(`shows what is broken: ${broken}`))
    if (one.wantsSeconds !== undefined && Math.abs((one.seconds ?? 0) - one.wantsSeconds) > 0.5)
      found.push(say(`plays for ${one.seconds} s, not ${one.wantsSeconds}`))
    if (one.thumbnails !== 0 && one.thumbnails !== 3) found.push(say(`has ${one.thumbnails} thumbnails`))
    return found
  })
}

/** What a client was told to be safe never becomes less, and what it sent is what was stored. */
function nothingTakenBack(facts: Facts): Violation[] {
  const found: Violation[] = []
  const safe = new Map<string, number>()
  for (const entry of facts.history) {
    if (entry.what !== 'offset') continue
    const before = safe.get(entry.upload) ?? 0
    if (entry.offset < before)
      found.push({ rule: 'I5', about: `${entry.item} ${entry.upload}`, says: `fell from ${before} to ${entry.offset}` })
    safe.set(entry.upload, Math.max(before, entry.offset))
  }
  const sent = new Map(facts.history.flatMap((entry) => (entry.what === 'sent' ? [[entry.item, entry] as const] : [])))
  for (const asset of facts.assets) {
    const { sha256, bytes } = sent.get(asset.item) ?? {}
    if (asset.status !== 'ready' || asset.deleted || sha256 === undefined) continue
    if (asset.sha256 !== sha256 || asset.bytes !== bytes)
      found.push({
        rule: 'I5',
        about: `${asset.item} ${asset.id}`,
        says: `is ${asset.bytes} bytes of ${asset.sha256}; ${bytes} of ${sha256} were sent`,
      })
  }
  return found
}

const order = ['created', 'uploaded', 'playable', 'ready', 'failed', 'cancelled', 'deleted']

/** Events come in the order of a life, and what was seen over HTTP is one way through the states. */
function legalHistories(facts: Facts): Violation[] {
  const found: Violation[] = []
  for (const [assetId, events] of Map.groupBy(facts.events, (event) => event.assetId)) {
    const places = events.map(({ type }) => order.indexOf(type.replace('asset.', '')))
    const ended = events.filter(({ type }) => /ready|failed|cancelled/.test(type))
    const wrong = places.some((place, at) => place < (places[at - 1] ?? 0)) || places[0] !== 0 || ended.length > 1
    if (wrong) found.push({ rule: 'I7', about: assetId, says: `went ${events.map(({ type }) => type).join(', ')}` })
  }
  const seen = facts.history.filter((entry) => entry.what === 'seen')
  for (const [assetId, sights] of Map.groupBy(seen, (entry) => entry.assetId)) {
    const ways = sights.map(({ status }) => status)
    const wrong = ways.some((to, at) => at > 0 && !leads(ways[at - 1] ?? '', to))
    const unplayed = sights.some(({ playable }, at) => !playable && sights[at - 1]?.playable)
    if (wrong || unplayed) found.push({ rule: 'I7', about: assetId, says: `was seen as ${ways.join(', ')}` })
  }
  return found
}

/** Whether one state leads to another, over others that nobody saw; what has ended stays so, as nobody presses retry. */
function leads(from: string, to: string): boolean {
  if (from === to) return true
  if (ends.has(from)) return false
  return (assetMoves[from as AssetStatus] ?? []).some((next) => leads(next, to))
}

/** A completion is told under one id for each generation, and every ending is told. */
function saidOnce(facts: Facts): Violation[] {
  const found: Violation[] = []
  for (const asset of facts.assets) {
    const told = facts.events.filter(({ assetId, type }) => assetId === asset.id && type === `asset.${asset.status}`)
    if (!ends.has(asset.status) || asset.deleted) continue
    if (told.length !== 1)
      found.push({
        rule: 'I8',
        about: `${asset.item} ${asset.id}`,
        says: `was told ${asset.status} ${told.length} times`,
      })
  }
  const ids = Map.groupBy(facts.events, ({ id }) => id)
  for (const [id, same] of ids)
    if (same.length > 1) found.push({ rule: 'I8', about: `event ${id}`, says: `is there ${same.length} times` })
  return found
}

const unique = (violations: Violation[]): Violation[] => [
  ...new Map(violations.map((one) => [JSON.stringify(one), one])).values(),
]
