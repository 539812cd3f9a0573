import { enableCompileCache } from 'node:module'

// Types are stripped once and not at every start.
enableCompileCache()
const { withDatabaseUrl } = await import('../../cli/database-url.ts')
const { runWorker } = await import('../../workers/main.ts')

/** A worker process as `sluice worker` starts it, but that the dead are found out within seconds. */
const timings = { leaseMs: 3_000, beatMs: 300, relayMs: 200, sweepMs: 300, lostMs: 300, quietMs: 1_500 }

await withDatabaseUrl({ data: '.sluice' }, (config) => runWorker(config, { timings }))
