import type { FastifyPluginAsync } from 'fastify'
import { countPoisoned } from '../../core/db/task-recovery.ts'
import { livingWorkers } from '../../core/db/workers.ts'
import { within } from '../../core/within.ts'
import { type ComponentCheck, componentNames } from '../components.ts'
import type { ApiHouse } from '../house.ts'

/** `/live`: the process runs. `/ready`: it can take work. `/health`: each part and how fast it answers. */
export function healthRoutes(house: ApiHouse, check: ComponentCheck): FastifyPluginAsync {
  return async (app) => {
    app.get('/live', async () => ({ status: 'up' }))
    // Only what a request cannot do without: while the queue is away, rows are still taken and sent later.
    app.get('/ready', async (_request, reply) => {
      const database = await check('database')
      return reply.status(database.status === 'up' ? 200 : 503).send({ status: database.status })
    })
    app.get('/health', async (_request, reply) => {
      const found = await Promise.all(componentNames.map(check))
      const components = Object.fromEntries(componentNames.map((name, at) => [name, found[at]]))
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
