import { open } from 'node:fs/promises'
import { Redis } from 'ioredis'
import { sql } from 'kysely'
import type { FaultHouse } from './house.ts'
import type { SeedPlan } from './plan.ts'
import { ask } from './servers.ts'

/** Of an address's signature: nobody else may ever see it. */
export const secretOf = (item: string) => `canary-${item}-x7Q`

/** How far each log was read by earlier seeds. */
const readTo = new Map<string, number>()

/** Searches logs and rows for what may not stand there. An asset's own address is the one place where its secret lies. */
export async function findLeaks(house: FaultHouse, plan: SeedPlan): Promise<string[]> {
  const secrets = [...house.canaries, ...plan.items.map(({ name }) => secretOf(name))]
  const leaks: string[] = []
  for (const { name, log } of [...house.apis, ...house.workers]) {
    const text = await newText(log)
    for (const secret of secrets) if (text.includes(secret)) leaks.push(`the log of ${name}: ${lineWith(text, secret)}`)
  }
  for (const [table, column] of columns) {
    const { rows } = await sql<{ text: string }>`
      SELECT ${sql.ref(column)}::text AS text FROM ${sql.table(table)}`.execute(house.db)
    for (const { text } of rows)
      for (const secret of secrets) if (text?.includes(secret)) leaks.push(`${table}.${column}: ${text.slice(0, 200)}`)
  }
  for (const text of await jobsOf(house))
    for (const secret of secrets) if (text.includes(secret)) leaks.push(`a job: ${text.slice(0, 200)}`)
  return leaks
}

/** Everything that the queue keeps: data, reasons of failures, results. */
async function jobsOf({ redis, postgres }: FaultHouse): Promise<string[]> {
  if (redis === undefined) {
    const rows = await ask<{ text: string }>(postgres.url, 'SELECT job::text AS text FROM bullmq.job')
    return rows.map(({ text }) => text)
  }
  const client = new Redis(redis.url, { maxRetriesPerRequest: 3 })
  client.on('error', () => undefined)
  try {
    const keys = (await client.keys('*')).filter((key) => /:[0-9a-f-]{36}_\d+$/.test(key))
    return await Promise.all(keys.map(async (key) => JSON.stringify(await client.hgetall(key))))
  } finally {
    client.disconnect()
  }
}

const columns = [
  ['tasks', 'params'],
  ['tasks', 'result'],
  ['tasks', 'error'],
  ['assets', 'error'],
  ['assets', 'media'],
  ['assets', 'source_filename'],
  ['assets', 'source_key'],
  ['events', 'payload'],
  ['outputs', 'facts'],
  ['outputs', 'storage_key'],
] as const

async function newText(file: string): Promise<string> {
  await using handle = await open(file)
  const { size } = await handle.stat()
  const from = readTo.get(file) ?? 0
  readTo.set(file, size)
  const { buffer } = await handle.read({ buffer: Buffer.alloc(Math.max(0, size - from)), position: from })
  return buffer.toString('utf8')
}

const lineWith = (text: string, secret: string) =>
  text
    .split('\n')
    .find((line) => line.includes(secret))
    ?.slice(0, 300)
