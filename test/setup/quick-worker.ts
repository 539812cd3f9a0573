import { withDatabaseUrl } from '../../cli/database-url.ts'
import { runWorker } from '../../workers/main.ts'

/** A worker process as `sluice worker` starts it, but that the dead are found out within seconds. */
const timings = { leaseMs: 4_000, beatMs: 400, relayMs: 200, sweepMs: 400, lostMs: 400, quietMs: 2_000 }

await withDatabaseUrl({ data: '.sluice' }, (config) => runWorker(config, { timings }))
