import type { Duplex } from 'node:stream'
import type pg from 'pg'
import { isUnanswered } from '../core/db/lent-connections.ts'

/**
 * Hangs up where an answer was waited for in vain: the network may have forgotten the connection without a word. BullMQ
 * listens on one for as long as it lives, asks it again and again, and takes another only when it hears that this one is gone.
 */
export function hangUpUnanswered(client: pg.PoolClient): void {
  const query = client.query.bind(client) as (...asked: unknown[]) => unknown
  const watched = (...asked: unknown[]) => {
    const answer = query(...asked)
    // What is asked with a callback is the pool's own, which closes the connection by itself.
    if (answer instanceof Promise) answer.catch((error) => isUnanswered(error) && wireOf(client).destroy())
    return answer
  }
  client.query = watched as typeof client.query
}

/** pg's types leave out what BullMQ uses too. */
const wireOf = (client: pg.PoolClient) => (client as unknown as { connection: { stream: Duplex } }).connection.stream
