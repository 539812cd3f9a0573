import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { positionOf } from '../../core/db/event-log.ts'
import { SluiceError } from '../../core/errors.ts'
import { isId } from '../../core/ids.ts'
import { type Caller, callerWith, mayStill } from '../auth/authenticate.ts'
import { comeBackAfter, comment } from '../events/frame.ts'
import { eventHub } from '../events/hub.ts'
import type { Listener } from '../events/listener.ts'
import { openStreams } from '../events/open-streams.ts'
import { eventStream } from '../events/stream.ts'
import type { ApiHouse } from '../house.ts'
import { invalid } from '../parse.ts'
import type { StreamLimits } from '../server-limits.ts'
import { theAsset } from './the-asset.ts'

export const eventsQuery = z.strictObject({
  lastEventId: z.string().optional().describe('In place of the header, for what cannot send one'),
})
const params = z.object({ id: z.string() })
const comesBackMs = 2_000

type Asked = {
  caller: Caller
  request: FastifyRequest
  reply: FastifyReply
  assetId?: string
  after: string | undefined
}

/** `/v1/events` and `/v1/assets/:id/events`: what happens, as it happens (Server-Sent Events). */
export function eventRoutes(house: ApiHouse, limits: StreamLimits): FastifyPluginAsyncZod {
  const hub = eventHub(house, limits)
  const streams = openStreams(limits)

  async function answer({ caller, request, reply, assetId, after }: Asked) {
    const position = await placeOf(house, { after, assetId, tenant: caller.tenant })
    const leave = streams.enter(caller.subject ?? caller.tenant)
    const onSlow = () => request.log.info('a reader of events was too slow, and was cut off')
    const stream = eventStream({ patienceMs: limits.patienceMs, onSlow })
    stream.send(comeBackAfter(comesBackMs) + comment('open'))
    const heard = { tenant: caller.tenant, assetId, ...stream }
    const listener = await hub.join(heard, position).catch((error: unknown) => {
      leave()
      throw error
    })
    // A key may be revoked, and a token may run out, while its stream is open.
    const asking = setInterval(async () => {
      if (!(await mayStill(house, request, 'assets'))) stream.end()
    }, limits.askAgainMs).unref()
    stream.body.once('close', () => {
      clearInterval(asking)
      hub.leave(listener)
      leave()
    })
    reply.raw.once('close', () => stream.body.destroy())
    // A connection that is kept for more would hold up a process that stops after its stream has ended.
    return reply
      .header('connection', 'close')
      .type('text/event-stream; charset=utf-8')
      .headers({ 'cache-control': 'no-store, no-transform', 'x-accel-buffering': 'no' })
      .send(stream.body)
  }

  return async (app) => {
    app.addHook('preClose', async () => hub.close())
    // A stream has no head without its body.
    const options = { exposeHeadRoute: false, schema: { querystring: eventsQuery } }

    app.get('/v1/events', options, async (request, reply) => {
      const caller = await callerWith(house, request, 'assets')
      return answer({ caller, request, reply, after: lastIdOf(request) })
    })

    app.get(
      '/v1/assets/:id/events',
      { ...options, schema: { querystring: eventsQuery, params } },
      async (request, reply) => {
        const caller = await callerWith(house, request, 'assets')
        const { id } = await theAsset(house, { id: request.params.id, tenant: caller.tenant })
        return answer({ caller, request, reply, assetId: id, after: lastIdOf(request) })
      },
    )
  }
}

/** Browsers send the header only when they come back by themselves; a page that was loaded anew has the query. */
function lastIdOf(request: FastifyRequest<{ Querystring: z.output<typeof eventsQuery> }>): string | undefined {
  const header = request.headers['last-event-id']
  return (typeof header === 'string' && header !== '' ? header : undefined) ?? request.query.lastEventId
}

type From = { after: string | undefined; assetId: string | undefined; tenant: string }

/** Where to go on: after the last event that was heard; else with the beginning of an asset, or with what comes from now on. */
async function placeOf({ db }: ApiHouse, { after, assetId, tenant }: From): Promise<Listener['position'] | undefined> {
  if (after === undefined) return assetId === undefined ? undefined : 0
  if (!isId(after)) throw invalid([{ path: 'Last-Event-ID', message: 'is not the id of an event' }])
  const position = await positionOf(db, { id: after, tenant, assetId })
  if (position === undefined) throw new SluiceError('event_forgotten', { message: `no event ${after}` })
  return position
}
