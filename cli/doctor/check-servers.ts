import { Redis } from 'ioredis'
import { sql } from 'kysely'
import { livingWorkers } from '../../core/db/workers.ts'
import { count } from '../amounts.ts'
import type { CliHouse } from '../with-house.ts'
import { type Finding, messageOf } from './finding.ts'

/** Two machines may differ by so much; addresses that expire and logs are read by it. */
const clockMs = 2_000

export async function checkDatabase({ db }: CliHouse): Promise<Finding[]> {
  const since = performance.now()
  const { rows } = await sql<{ version: string; now: Date }>`
    SELECT current_setting('server_version') AS version, clock_timestamp() AS now`.execute(db)
  const ms = performance.now() - since
  const [row] = rows
  const offMs = Math.round((row?.now.getTime() ?? 0) - Date.now() + ms / 2)
  const version = { what: 'Postgres', is: 'good' as const, says: `${row?.version}, answers in ${ms.toFixed(1)} ms` }
  if (Math.abs(offMs) < clockMs) return [version, { what: 'clock', is: 'good', says: `${offMs} ms from Postgres’s` }]
  const remedy = 'let both machines keep time by NTP'
  return [version, { what: 'clock', is: 'doubtful', says: `${offMs} ms from Postgres’s`, remedy }]
}

export async function checkWorkers({ db }: CliHouse): Promise<Finding[]> {
  const { living } = await livingWorkers(db)
  if (living > 0) return [{ what: 'workers', is: 'good', says: count(living, 'worker') }]
  return [{ what: 'workers', is: 'doubtful', says: 'none is there', remedy: 'start one: sluice worker, or sluice up' }]
}

export async function checkQueue({ config: { queueUrl } }: CliHouse): Promise<Finding[]> {
  if (!/^rediss?:/.test(queueUrl)) return [{ what: 'queue', is: 'good', says: 'in Postgres' }]
  const once = { lazyConnect: true, connectTimeout: 5_000, commandTimeout: 5_000, retryStrategy: () => null }
  const client = new Redis(queueUrl, once)
  client.on('error', () => undefined)
  try {
    await client.connect()
    return judgeRedis(await client.info())
  } catch (error) {
    return [
      {
        what: 'queue',
        is: 'bad',
        says: `Redis: ${messageOf(error)}`,
        remedy: 'QUEUE_URL must lead to a Redis that answers',
      },
    ]
  } finally {
    client.disconnect()
  }
}

/** From what `INFO` says; it is allowed where `CONFIG` is not. */
export function judgeRedis(info: string): Finding[] {
  const says = (name: string) => new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1]
  const [version = '', policy, aof] = [says('redis_version'), says('maxmemory_policy'), says('aof_enabled')]
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const old = major < 6 || (major === 6 && minor < 2)
  return [
    old
      ? { what: 'queue', is: 'bad', says: `Redis ${version}`, remedy: 'take Redis 6.2 or newer, or Valkey' }
      : { what: 'queue', is: 'good', says: `Redis ${version}` },
    policy === undefined || policy === 'noeviction'
      ? { what: 'eviction', is: policy ? 'good' : 'doubtful', says: policy ?? 'it does not say' }
      : {
          what: 'eviction',
          is: 'bad',
          says: policy,
          remedy: 'set maxmemory-policy noeviction: else jobs are thrown away',
        },
    aof === '1' || says('rdb_last_bgsave_status') === 'ok'
      ? { what: 'persistence', is: 'good', says: aof === '1' ? 'append-only file' : 'snapshots' }
      : {
          what: 'persistence',
          is: 'doubtful',
          says: 'none',
          remedy: 'appendonly yes; what is lost is sent anew from Postgres, seconds later',
        },
  ]
}
