import { createHash, randomBytes } from 'node:crypto'
import { beforeAll, expect, it } from 'vitest'
import { buildApp } from '../api/app.ts'
import { tidyUploads } from '../workers/upkeep/uploads.ts'
import { atEnd } from './setup/at-end.ts'
import { testBucket } from './setup/bucket.ts'
import { cuttingProxy } from './setup/cutting-proxy.ts'
import { readAsset, type TestHouse, testHouse } from './setup/house.ts'
import { idOf, tusSession } from './setup/tus.ts'
import { uploadOverTus } from './setup/tus-client.ts'

let house: TestHouse
let urls: string[]

// What an upload leaves open is looked for when the bucket is removed.
beforeAll(async () => {
  house = await testHouse({ env: await testBucket(), timings: { quietMs: 0 } })
  urls = []
  for (const _ of [1, 2]) {
    const app = await buildApp(house)
    atEnd(() => app.close())
    urls.push(await app.listen({ host: '127.0.0.1', port: 0 }))
  }
})

const url = () => urls[0] ?? ''
const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex')
const stored = async (keys: string[]) => {
  const bodies = await Promise.all(keys.map(async (key) => (await house.storage.get(key)).toArray()))
  return sha256(Buffer.concat(bodies.flat()))
}

it('tus-js-client gets 30 MiB onto S3 through five cuts', async () => {
  const data = randomBytes(30 * 2 ** 20)
  const cuts = [1, 7_000_001, 12_345_678, 20_000_000, 31_000_000]
  const proxy = await cuttingProxy({ targets: urls, cuts })
  const { id } = await uploadOverTus(proxy.url, data)
  const asset = await readAsset(house, id)
  expect(asset).toMatchObject({ status: 'queued', source_bytes: data.length })
  expect(await stored([asset.source_key ?? ''])).toBe(sha256(data))
})

it('four parts at once end up as four pieces of one asset', async () => {
  const data = randomBytes(9 * 2 ** 20 + 3)
  const { id } = await uploadOverTus(url(), data, { parallelUploads: 4 })
  const pieces = await house.db
    .selectFrom('upload_pieces')
    .select('key')
    .where('upload_id', '=', id)
    .orderBy('number')
    .execute()
  expect(pieces).toHaveLength(4)
  expect(await stored(pieces.map(({ key }) => key))).toBe(sha256(data))
})

it('a body that is not what its checksum says leaves no trace, and the right one counts', async () => {
  const data = randomBytes(12 * 2 ** 20)
  const tus = tusSession(url())
  const path = await tus.begun({ 'upload-length': String(data.length) })
  const cut = 6 * 2 ** 20
  expect((await tus.patch(path, 0, new Uint8Array(data.subarray(0, cut)))).status).toBe(204)
  const announced = { 'upload-checksum': `sha1 ${createHash('sha1').update(data.subarray(cut)).digest('base64')}` }
  expect((await tus.patch(path, cut, new Uint8Array(randomBytes(cut)), announced)).status).toBe(460)
  expect((await tus.head(path)).headers.get('upload-offset')).toBe(String(cut))
  expect((await tus.patch(path, cut, new Uint8Array(data.subarray(cut)), announced)).status).toBe(204)
  const asset = await readAsset(house, idOf(path))
  expect(await stored([asset.source_key ?? ''])).toBe(sha256(data))
})

it('what was given up is taken back: no object, no open multipart upload', async () => {
  const tus = tusSession(url())
  const path = await tus.begun({ 'upload-length': String(20 * 2 ** 20) })
  await tus.patch(path, 0, new Uint8Array(randomBytes(11 * 2 ** 20)))
  expect((await tus.remove(path)).status).toBe(204)
  await tidyUploads(house)
  const left: string[] = []
  for await (const { key } of house.storage.list(`default/${idOf(path)}`)) left.push(key)
  expect(left).toEqual([])
})
