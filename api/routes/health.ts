import type { FastifyPluginAsync } from 'fastify'
import { sql } from 'kysely'
import { countPoisoned } from '../../core/db/task-recovery.ts'
import { livingWorkers } from '../../core/db/workers.ts'
import { within } from '../../core/within.ts'
import type { ApiHouse } from '../house.ts'

type Component = { status: 'up' | 'down'; ms: number }

/** `/live`: the process runs. `/ready`: it can take work. `/health`: each part and how fast it answers. */
export function healthRoutes(house: ApiHouse): FastifyPluginAsync {
  const checks: Record<string, () => Promise<unknown>> = {
    database: () => sql`SELECT 1`.execute(house.db),
    queue: () => house.queue.check(),
    storage: remembered(5_000, () => house.storage.check()),
    disk: () => house.storage.needRoom(),
  }
  const check = async (name: string): Promise<Component> => {
    const startedAt = performance.now()
    const status = await within(2_000, Promise.resolve(checks[name]?.())).then(
      () => 'up' as const,
      (err: Error) => {
        house.log.warn({ err, component: name }, 'a component does not answer')
        return 'down' as const
      },
    )
    return { status, ms: Math.round(performance.now() - startedAt) }
  }
  return async (app) => {
    app.get('/live', async () => ({ status: 'up' }))
    // Only what a request cannot do without: while the queue is away, rows are still taken and sent later.
    app.get('/ready', async (_request, reply) => {
      const database = await check('database')
      return reply.status(database.status === 'up' ? 200 : 503).send({ status: database.status })
    })
    app.get('/health', async (_request, reply) => {
      const names = Object.keys(checks)
      const found = await Promise.all(names.map(check))
      const components = Object.fromEntries(names.map((name, at) => [name, found[at]]))
      const up = found.every((component) => component.status === 'up')
      // Asked side by side: a database that hangs is waited for once. What it does not say is null.
      const [poisoned, workers] = await Promise.all([
        within(2_000, countPoisoned(house.db)).catch(() => null),
        within(2_000, livingWorkers(house.db)).catch(() => null),
      ])
      return reply
        .status(up ? 200 : 503)
        .send({ status: up ? 'up' : 'degraded', components, tasks: { poisoned }, workers })
    })
  }
}

/** One real look in a while, however often it is asked: a look at storage writes and deletes. */
function remembered(ms: number, look: () => Promise<void>): () => Promise<void> {
  let last: Promise<void> | undefined
  let at = Number.NEGATIVE_INFINITY
  return () => {
    if (last === undefined || performance.now() - at > ms) {
      at = performance.now()
      last = look()
    }
    return last
  }
}
