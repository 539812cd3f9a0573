import { type Head, headOf } from '../../core/db/deliveries.ts'
import { type Lane, letGoOfLane } from '../../core/db/delivery-lanes.ts'
import { noteBad, noteGood } from '../../core/db/endpoint-health.ts'
import { leaveEmptyLane, type Settlement, settleDelivery } from '../../core/db/settle-delivery.ts'
import type { House } from '../house.ts'
import { persist } from '../persist.ts'
import { type Pace, pauseAfter } from './pace.ts'
import { type Answer, post } from './post.ts'
import { signedHeaders } from './sign.ts'

export type Courier = Pick<House, 'db' | 'config' | 'log' | 'resolve'> & { pace: Pace; closing: AbortSignal }

const gone = 410

/** Sends what is first in a lane, and writes down what came of it. */
export async function deliver(house: Courier, lane: Lane): Promise<void> {
  const { db, closing, pace } = house
  const log = house.log.child({ webhookId: lane.webhook_id, assetId: lane.asset_id })
  const head = await headOf(db, lane)
  if (head === undefined) return leaveEmptyLane(db, lane)
  const at = new Date()
  const begun = performance.now()
  const answer = await send(house, head, at).catch((reason: unknown) => {
    if (!closing.aborted) throw reason
    return undefined
  })
  if (answer === undefined) return letGoOfLane(db, lane)
  const ms = Math.round(performance.now() - begun)
  const to = whatBecomes(answer, head, pace)
  const healthy = answer.error === null && ms <= pace.soonMs
  const tried = { at: at.toISOString(), ms, ...answer }
  const settled: Settlement = { deliveryId: head.id, tried, to }
  if (!(await persist({ write: () => settleDelivery(db, lane, settled), closing, log })))
    return log.warn({ eventId: head.event_id }, 'another worker has taken the lane; the event may have come twice')
  const about = { eventId: head.event_id, type: head.type, status: answer.status, ms, attempt: head.attempts + 1 }
  if (answer.error === null) {
    log.info(about, 'event delivered')
    return noteGood(db, lane.webhook_id, { healthy })
  }
  const words = to === 'failed' ? 'an event was given up' : 'an event was not taken'
  log[to === 'failed' ? 'warn' : 'info']({ ...about, reason: answer.error }, words)
  if (await noteBad(db, lane.webhook_id, { ...pace, gone: answer.status === gone }))
    log.warn({ reason: answer.error }, 'the webhook is disabled')
}

function send({ config, resolve, pace, closing }: Courier, head: Head, at: Date): Promise<Answer> {
  const body = JSON.stringify({ type: head.type, timestamp: head.created_at.toISOString(), data: head.data })
  const headers = signedHeaders({ id: head.event_id, at, body }, head.secrets)
  return post({ url: head.url, headers, body, allow: config.FETCH_ALLOW, resolve, pace, signal: closing })
}

/** A try that would come too late is not waited for: the next event of the lane has its turn. */
function whatBecomes({ status, error }: Answer, head: Head, pace: Pace): Settlement['to'] {
  if (error === null) return 'delivered'
  const againInMs = pauseAfter(pace, head.tries + 1)
  // It is disabled for it, and what waits stays until it is enabled again; an address of an asset never is.
  if (status === gone) return head.registered ? { againInMs } : 'failed'
  return head.triedForMs + againInMs > pace.giveUpMs ? 'failed' : { againInMs }
}
