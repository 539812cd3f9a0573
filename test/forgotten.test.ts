import { sql } from 'kysely'
import pg from 'pg'
import { expect, test, vi } from 'vitest'
import { openLocks } from '../core/db/locks.ts'
import { openDatabase } from '../core/db/open.ts'
import { hangUpUnanswered } from '../queues/hang-up-unanswered.ts'
import { forgottenSuite } from './forgotten.suite.ts'
import { atEnd } from './setup/at-end.ts'
import { testDatabase } from './setup/database.ts'
import { forgetfulProxy } from './setup/forgetful-proxy.ts'

const answerMs = 700
const onError = () => undefined

forgottenSuite({ name: 'Postgres', queueUrl: async () => (await testDatabase()).url })

test('a connection to the database that the network has forgotten fails whoever meets it, once, and nobody after', async () => {
  const proxy = await forgetfulProxy((await testDatabase()).url)
  const db = openDatabase({ url: proxy.url, name: 'test', connections: 1, answerMs, onError })
  atEnd(() => db.destroy())
  const ask = () => sql`SELECT 1`.execute(db)
  const askTwice = () =>
    db.transaction().execute(async (trx) => {
      await sql`SELECT 1`.execute(trx)
      proxy.forget()
      await sql`SELECT 2`.execute(trx)
    })
  await ask()
  proxy.forget()
  await expect(ask()).rejects.toThrow('Query read timeout')
  await ask()
  await expect(askTwice()).rejects.toThrow('Query read timeout')
  await ask()
})

test('locks are held by a new connection when the network forgot the old one', async () => {
  const proxy = await forgetfulProxy((await testDatabase()).url)
  const locks = openLocks({ url: proxy.url, name: 'test', answerMs, onError })
  atEnd(() => locks.close())
  const first = await locks.take('first', { waitMs: 1_000 })
  proxy.forget()
  await expect(locks.take('second', { waitMs: 1_000 })).rejects.toThrow()
  await vi.waitFor(() => expect(first?.lost.aborted).toBe(true))
  expect(await locks.take('second', { waitMs: 1_000 })).toBeDefined()
})

test('whoever listens for jobs hears that its connection is gone as soon as a question on it was not answered', async () => {
  const proxy = await forgetfulProxy((await testDatabase()).url)
  const pool = new pg.Pool({ connectionString: proxy.url, query_timeout: answerMs })
  pool.on('connect', hangUpUnanswered)
  const client = await pool.connect()
  const gone = vi.fn()
  client.on('error', gone)
  await client.query('LISTEN jobs')
  expect(gone).not.toHaveBeenCalled()
  proxy.forget()
  await expect(client.query('LISTEN jobs')).rejects.toThrow('Query read timeout')
  await vi.waitFor(() => expect(gone).toHaveBeenCalledTimes(1))
  client.release(true)
  await pool.end()
})
