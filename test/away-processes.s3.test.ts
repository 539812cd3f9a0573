import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { waitUntil } from '../core/db/embedded/wait-until.ts'
import { openDatabase } from '../core/db/open.ts'
import { cornersJpeg } from '../fixtures/images.ts'
import { atEnd } from './setup/at-end.ts'
import { testBucket } from './setup/bucket.ts'
import { liveHouse } from './setup/live-house.ts'
import { lyingStore } from './setup/lying-store.ts'

it('S3 goes away and comes back while processes run: nothing is restarted but the worker that dies bringing things home, and no address changes', async () => {
  const env = await testBucket()
  const store = await lyingStore({ endpoint: env['S3_ENDPOINT'] ?? '' })
  // Away from the start: both processes begin all the same.
  await store.goAway()
  const house = await liveHouse({ quick: true, env: { ...env, S3_ENDPOINT: store.url, STORAGE_FALLBACK: 'local' } })
  const other = await house.anotherApi()
  const db = openDatabase({ url: house.databaseUrl, name: 'test', onError: () => undefined })
  atEnd(() => db.destroy())
  const doomed = await house.worker({ FAULT_POINT: 'object-home:3' })

  const picture = new Blob([new Uint8Array(await cornersJpeg({ width: 640, height: 480, orientation: 1 }))])
  const { id } = await house.client.uploadFile(picture, { filename: 'a.jpg' })
  const asset = await house.client.waitUntilReady(id, { everyMs: 200 })
  const addresses = [...asset.thumbnails, ...asset.images].map(({ url }) => url)
  expect(addresses.length).toBeGreaterThan(3)
  /** As each of the two API processes answers. */
  const seen = async () =>
    Promise.all(
      addresses.flatMap((address) =>
        [house.url, other.url].map(async (base) => {
          const { pathname } = new URL(address)
          const answer = await fetch(new URL(pathname, base))
          const sha256 = createHash('sha256')
            .update(Buffer.from(await answer.arrayBuffer()))
            .digest('hex')
          return `${answer.status} ${answer.headers.get('content-type')} ${pathname} ${sha256}`
        }),
      ),
    )
  const before = await seen()
  expect(before.every((one) => one.startsWith('200 image/'))).toBe(true)
  expect(store.asked).toEqual([])

  await store.comeBack()
  expect(await doomed.ended).toBe('SIGKILL')
  expect(await seen()).toEqual(before)
  await house.worker()
  const left = () =>
    db.selectFrom('spooled').select('folder').where('id', '=', id).where('home_at', 'is', null).execute()
  await waitUntil({
    what: 'all of it to be home',
    timeoutMs: 60_000,
    everyMs: 200,
    ask: async () => ((await left()).length === 0 ? true : undefined),
  })
  expect(await seen()).toEqual(before)
  expect(store.asked.some((one) => one.startsWith('PutObject') && one.includes(id))).toBe(true)
}, 120_000)
