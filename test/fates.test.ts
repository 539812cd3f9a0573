import { randomBytes } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { acceptAsset } from '../core/accept.ts'
import { origin } from '../workers/edges/download-bench.ts'
import { handlers } from '../workers/handlers.ts'
import { runTask } from '../workers/run-task.ts'
import { readAsset, readTask, type TestHouse, testHouse } from './setup/house.ts'

let house: TestHouse
beforeAll(async () => {
  house = await testHouse({ env: { FETCH_ALLOW: '127.0.0.1' } })
})

const closing = new AbortController().signal

/** An address that was taken, and one try after the other at its first task. */
async function taken(url: string) {
  const { asset, reminders } = await acceptAsset(house, { tenant: 'default', source: { type: 'url', url } })
  const taskId = reminders[0]?.taskId ?? ''
  return {
    id: asset.id,
    tryIt: () => runTask({ house, taskId, handlers, closing }),
    task: () => readTask(house, taskId),
    asset: () => readAsset(house, asset.id),
    /** As if its end had come. */
    expire: () =>
      house.db
        .updateTable('assets')
        .set({ source_expires_at: new Date(Date.now() - 1_000) })
        .where('id', '=', asset.id)
        .execute(),
  }
}
const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds

test.each([
  ['403', 403, ''],
  ['404', 404, ''],
  ['410', 410, ''],
  ['a web page', 200, '<!doctype html><title>This link has expired</title>'],
])('%s in place of the file ends the asset with source_expired, after one request', async (_what, status, body) => {
  const site = await origin((_request, response) => response.writeHead(status).end(body))
  const address = await taken(`${site.base}/cat.jpg?Expires=${inSeconds(3600)}`)
  expect(await address.tryIt()).toMatchObject({ end: 'failed', code: 'source_expired' })
  expect(await address.asset()).toMatchObject({ status: 'failed', error: { code: 'source_expired', retryable: false } })
  expect(site.asked).toHaveLength(1)
})

test('an origin that is away is asked again until it answers, and no chance is used up', async () => {
  let left = 8
  const site = await origin((_request, response) =>
    left-- > 0 ? response.writeHead([500, 502, 503, 429][left % 4] ?? 500).end() : response.end(randomBytes(9)),
  )
  const address = await taken(`${site.base}/cat.jpg?Expires=${inSeconds(1800)}`)
  for (let n = 0; n < 8; n++) expect((await address.tryIt()).end).toBe('again')
  expect(await address.task()).toMatchObject({ failures: 0, error: { code: 'source_unavailable' } })
  expect(await address.tryIt()).toEqual({ end: 'done' })
  expect(await address.asset()).toMatchObject({ source_bytes: 9 })
})

test('what the origin asks for is waited, but never past the end of the address', async () => {
  const site = await origin((_request, response) => response.writeHead(429, { 'retry-after': '300' }).end())
  const long = await (await taken(`${site.base}/?Expires=${inSeconds(3600)}`)).tryIt()
  expect(long).toMatchObject({ end: 'again', restMs: 300_000 })
  const short = await (await taken(`${site.base}/?Expires=${inSeconds(30)}`)).tryIt()
  if (short.end !== 'again') throw new Error(`it should be tried again, not ${short.end}`)
  expect(short.restMs).toBeLessThanOrEqual(30_000)
  expect(short.restMs).toBeGreaterThan(20_000)
})

test('an address that is over by its own words gets one try: its clock may be wrong', async () => {
  const good = await origin((_request, response) => response.end(randomBytes(9)))
  expect(await (await taken(`${good.base}/?Expires=${inSeconds(-60)}`)).tryIt()).toEqual({ end: 'done' })
  const away = await origin((_request, response) => response.writeHead(503).end())
  const address = await taken(`${away.base}/?Expires=${inSeconds(3600)}`)
  expect((await address.tryIt()).end).toBe('again')
  await address.expire()
  expect(await address.tryIt()).toMatchObject({ end: 'failed', code: 'source_expired' })
  expect(away.asked).toHaveLength(2)
})

test('when it dies is stored with the asset and its task, and shown to nobody', async () => {
  const seconds = inSeconds(60)
  const address = await taken(`https://cdn.example.com/cat.jpg?sig=CANARY&Expires=${seconds}`)
  const end = new Date(seconds * 1000)
  expect(await address.asset()).toMatchObject({ source_expires_at: end })
  expect(await address.task()).toMatchObject({ needed_by: end })
})

test('an empty file and a name that nobody knows are tried a few times only', async () => {
  const empty = await origin((_request, response) => response.writeHead(200, { 'content-length': 0 }).end())
  const address = await taken(`${empty.base}/`)
  for (let n = 1; n < 5; n++) expect((await address.tryIt()).end).toBe('again')
  expect(await address.tryIt()).toMatchObject({ end: 'failed', code: 'source_unavailable' })
})
