import { withDatabaseUrl } from '../../cli/database-url.ts'
import { runWorker } from '../../workers/main.ts'
import { hurried } from './hurried-pace.ts'

/** A worker process for deliveries alone, whose clock runs faster. */
await withDatabaseUrl({ data: '.sluice' }, (config) => runWorker(config, { queues: ['notify'], pace: hurried }))
