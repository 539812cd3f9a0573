import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { cacheControlFor, contentTypeFor } from '../core/storage/content-types.ts'
import { privateSuite } from './private.suite.ts'
import { testBucket } from './setup/bucket.ts'
import { testHouse } from './setup/house.ts'
import { shownAsset } from './setup/shown-asset.ts'

const open = '*/*/g*/*'

privateSuite({ name: 'in a bucket of which anybody may read what is public', env: () => testBucket({ open }) })

it('a bucket that is opened as the documentation says shows what is public, and nothing of what is private or was sent', async () => {
  const house = await testHouse({ env: await testBucket({ open }) })
  const status = async (key: string) => {
    const answer = await fetch(house.storage.publicUrl(key))
    await answer.arrayBuffer()
    return answer.status
  }
  const files = [{ path: 'hls/v/0.m4s', body: 'pictures' }]
  for (const [visibility, expected] of [
    ['public', 200],
    ['private', 403],
  ] as const) {
    const asset = await shownAsset(house, { kind: 'video', visibility }, files)
    const folder = visibility === 'public' ? 'g1' : 'p1'
    expect(await status(`${asset.tenant}/${asset.id}/${folder}/hls/v/0.m4s`)).toBe(expected)
    expect(await status(asset.source_key ?? '')).toBe(403)
  }
})

it('an object that is replaced between being found and being read is never given in part', async () => {
  const { storage } = await testHouse({ env: await testBucket() })
  const key = 't/a/g1/hls/v/playlist.m3u8'
  const put = (body: string) =>
    storage.put(key, Buffer.from(body), { contentType: contentTypeFor(key), cacheControl: cacheControlFor(key) })
  await put('#EXTM3U\n0.m4s')
  const found = await storage.open(key)
  await put('#EXTM3U\n0.m4s\n1.m4s')
  expect(await found?.read()).toBeUndefined()
  const again = await (await storage.open(key))?.read()
  expect(again && (await text(again))).toBe('#EXTM3U\n0.m4s\n1.m4s')
})
