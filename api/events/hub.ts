import { eventsAfter, isOfAsset, lastEventUpTo, latestPosition, type PlacedEvent } from '../../core/db/event-log.ts'
import { viewEvents } from '../../core/db/event-views.ts'
import { takeUpEvents } from '../../core/db/take-up-events.ts'
import type { ApiHouse } from '../house.ts'
import { comment, frameOf, placeOnly } from './frame.ts'
import { hears, type Listener } from './listener.ts'
import { progressTeller } from './progress.ts'

type House = Pick<ApiHouse, 'db' | 'storage' | 'log'>

export type EventHub = {
  /** Sends events from then on: those after `position`, or those to come. Rejects when the database is away, or the process stops. */
  join(listener: Omit<Listener, 'position'>, position: number | undefined): Promise<Listener>
  leave(listener: Listener): void
  close(): void
}

const lookMs = 250
const afterFailureMs = 2_000
const progressMs = 1_000
const pageOf = 100

/**
 * All streams of this process. However many they are, one look into the database at a time serves those that are up to date;
 * who is behind reads on its own until it is. Without streams there is no look.
 */
export function eventHub(house: House, { quietMs }: { quietMs: number }): EventHub {
  const { db, storage, log } = house
  const listeners = new Set<Listener>()
  const catching = new WeakSet<Listener>()
  const tellProgress = progressTeller(house)
  let at = 0
  let timer: NodeJS.Timeout | undefined
  let progressAt = 0
  let closed = false
  // By the clock, whatever the database does: proxies end what is quiet for long.
  const quiet = setInterval(() => {
    for (const listener of listeners) listener.send(comment('quiet'))
  }, quietMs).unref()

  /** Everything that was committed before stands before it. */
  async function latest(): Promise<number> {
    while ((await takeUpEvents(house)) > 0);
    const position = await latestPosition(db)
    if (timer === undefined) at = position
    return position
  }

  async function look(): Promise<void> {
    try {
      await takeUpEvents(house)
      for (;;) {
        const page = await eventsAfter(db, { after: at, limit: pageOf })
        await handOut(page)
        if (page.length < pageOf) break
      }
      for (const listener of listeners) if (listener.position < at) catchUp(listener)
      if (performance.now() - progressAt >= progressMs) {
        progressAt = performance.now()
        await tellProgress([...listeners])
      }
      lookAgain(lookMs)
    } catch (err) {
      log.warn({ err }, 'events could not be read; they are sent when they can')
      lookAgain(afterFailureMs)
    }
  }

  function lookAgain(ms: number): void {
    timer = listeners.size > 0 && !closed ? setTimeout(look, ms) : undefined
  }

  async function handOut(page: PlacedEvent[]): Promise<void> {
    const end = page.at(-1)?.position
    if (end === undefined) return
    const present = [...listeners].filter(({ position }) => position === at)
    const wanted = page.filter((event) => present.some((listener) => hears(listener, aboutOf(event))))
    const frames = await framesOf(wanted)
    at = end
    for (const listener of present) listener.position = sendWhatFits(listener, frames) ?? end
  }

  async function framesOf(events: PlacedEvent[]): Promise<Framed[]> {
    // Of endpoints only those are told who may see endpoints: their addresses may hold a secret.
    const ofAssets = events.filter(isOfAsset)
    const views = await viewEvents(db, storage, ofAssets)
    return ofAssets.flatMap((event, n) => {
      const view = views[n]
      return view === undefined ? [] : [{ event, frame: frameOf(view, event.id) }]
    })
  }

  /** One reads for itself what the others have heard; the look after it takes it along. */
  async function catchUp(listener: Listener): Promise<void> {
    if (catching.has(listener)) return
    catching.add(listener)
    const { tenant, assetId } = listener
    try {
      while (listeners.has(listener) && listener.position < at) {
        const upTo = at
        const page = await eventsAfter(db, { after: listener.position, upTo, tenant, assetId, limit: pageOf })
        for (const { event, frame } of await framesOf(page)) {
          await listener.room()
          listener.send(frame)
          listener.position = event.position
        }
        listener.position = page.length < pageOf ? upTo : (page.at(-1)?.position ?? upTo)
      }
    } catch (err) {
      log.warn({ err }, 'a stream is behind, and could not be sent more; it is tried again')
    } finally {
      catching.delete(listener)
    }
  }

  return {
    async join(given, position) {
      const now = await latest()
      const listener = { ...given, position: position ?? now }
      // A line may break before its first event, and must not be begun anew at a later place.
      if (position === undefined) given.send(placeOnly(await lastEventUpTo(db, listener)))
      if (closed) listener.end()
      else listeners.add(listener)
      timer ??= setTimeout(look, 0)
      return listener
    },
    leave(listener) {
      listeners.delete(listener)
    },
    close() {
      closed = true
      clearTimeout(timer)
      clearInterval(quiet)
      for (const listener of listeners) listener.end()
      listeners.clear()
    },
  }
}

type Framed = { event: PlacedEvent; frame: string }

/** Undefined when all went; else the place of the last that did, from which its listener goes on when there is room. */
function sendWhatFits(listener: Listener, frames: Framed[]): number | undefined {
  let { position } = listener
  for (const { event, frame } of frames) {
    if (!hears(listener, aboutOf(event))) continue
    if (!listener.hasRoom()) return position
    listener.send(frame)
    position = event.position
  }
  return undefined
}

const aboutOf = (event: PlacedEvent) => ({ tenant: event.tenant, assetId: event.asset_id })
