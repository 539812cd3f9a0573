import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Outage } from './faults/plan.ts'
import { runSeeds, summary } from './faults/run.ts'
import { missingForRgw } from './servers/rgw.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    seed: { type: 'string' },
    from: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '600' },
    queue: { type: 'string', default: 'redis' },
    storage: { type: 'string', default: 'local' },
    items: { type: 'string' },
    outage: { type: 'string' },
    usual: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
})

try {
  process.exitCode = await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
}

async function main(): Promise<number> {
  const from = Number(values.seed ?? values.from)
  const count = values.seed === undefined ? Number(values.seeds) : 1
  const queue = values.queue === 'postgres' ? 'postgres' : 'redis'
  const storage = values.storage === 's3' ? 's3' : 'local'
  if (storage === 's3' && missingForRgw().length > 0) {
    console.error(`${missingForRgw().join(', ')} not installed: there is no S3 here to break`)
    return 2
  }
  const folder = await mkdtemp(join(tmpdir(), 'sluice-faults-'))
  // Postgres may run as another user.
  await chmod(folder, 0o755)
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  const reports = await runSeeds({
    ...{ folder, queue, storage, outage: outageOf(values.outage), usual: values.usual },
    items: values.items === undefined ? undefined : Number(values.items),
    seeds: Array.from({ length: count }, (_, n) => from + n),
    say: (line) => console.log(line),
    stop: stop.signal,
    until: AbortSignal.timeout(Number(values.minutes) * 60_000),
  })
  for (const line of summary(reports)) console.log(line)
  const broken = reports.some(({ violations }) => violations.length > 0)
  if (broken || values.keep) console.log(`kept: ${folder}`)
  else await rm(folder, { recursive: true, force: true })
  return broken ? 1 : 0
}

/** `redis:120`: that server is away for so many seconds. */
function outageOf(text: string | undefined): Outage | undefined {
  const [, server, seconds] = /^(postgres|redis|s3):(\d+)$/.exec(text ?? '') ?? []
  const known = (['postgres', 'redis', 's3'] as const).find((one) => one === server)
  return known === undefined ? undefined : { server: known, seconds: Number(seconds) }
}
