import { eventsQuery } from '../../routes/events.ts'
import type { Operation } from '../operation.ts'

const access = { scope: 'assets' } as const
const stream = {
  200: { says: 'The stream; it has no end of its own', headers: ['Cache-Control'], type: 'text/event-stream' },
} as const satisfies Operation['answers']

/** `/v1/events` and the events of one asset. */
export const eventOperations: Operation[] = [
  {
    ...{ id: 'listenToEvents', method: 'get', path: '/v1/events', tag: 'events', access },
    summary: 'Hear what happens to all assets of the tenant, as it happens',
    description:
      'Server-Sent Events, from now on or after `Last-Event-ID`: each has the id of its event, its type as `event`, and as `data` the same body as a webhook: `{"type","timestamp","data":asset}`. `asset.progress` is said while work goes on, at most once a second for an asset, and has no id. A stream from now on begins with an id alone, to come back with over a line that breaks before its first event. A comment comes every 15 s.',
    query: eventsQuery,
    send: ['Last-Event-ID'],
    answers: stream,
    errors: ['event_forgotten', 'too_many_streams'],
  },
  {
    ...{ id: 'listenToAsset', method: 'get', path: '/v1/assets/{id}/events', tag: 'events', access },
    summary: 'Hear what happens to one asset',
    description: 'Begins with its first event, or after `Last-Event-ID`.',
    query: eventsQuery,
    send: ['Last-Event-ID'],
    answers: stream,
    errors: ['event_forgotten', 'too_many_streams'],
  },
]
