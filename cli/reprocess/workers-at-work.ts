import type { Database } from '../../core/db/open.ts'
import { livingWorkers } from '../../core/db/workers.ts'

/** How many there are to reckon with: where there is none just now, the one that will be started. */
export const workersAtWork = async (db: Database) => Math.max(1, (await livingWorkers(db)).living)
