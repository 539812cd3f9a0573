import { sql } from 'kysely'
import { remembered } from '../core/remembered.ts'
import { within } from '../core/within.ts'
import type { ApiHouse } from './house.ts'

export type Component = { status: 'up' | 'down'; ms: number }

export const componentNames = ['database', 'queue', 'storage', 'disk'] as const
export type ComponentName = (typeof componentNames)[number]
export type ComponentCheck = (name: ComponentName) => Promise<Component>

const patienceMs = 2_000

/** Asks a part of the house whether it answers, and says how long that took. One for a process: what it remembers is for all who ask. */
export function componentCheck(house: Pick<ApiHouse, 'db' | 'queue' | 'storage' | 'log'>): ComponentCheck {
  const checks: Record<ComponentName, () => Promise<unknown>> = {
    database: () => sql`SELECT 1`.execute(house.db),
    queue: () => house.queue.check(),
    // It writes and deletes, so it is not done more often than it says something new.
    storage: remembered(5_000, () => house.storage.check()),
    disk: () => house.storage.needRoom(),
  }
  return async (name) => {
    const startedAt = performance.now()
    const status = await within(patienceMs, checks[name]()).then(
      () => 'up' as const,
      (err: Error) => {
        house.log.warn({ err, component: name }, 'a component does not answer')
        return 'down' as const
      },
    )
    return { status, ms: Math.round(performance.now() - startedAt) }
  }
}
