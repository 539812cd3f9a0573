import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildApp } from '../api/app.ts'
import type { AssetView } from '../core/asset-view.ts'
import { isSourceKey } from '../core/storage/keys.ts'
import type { LocalStorage } from '../core/storage/local.ts'
import { openLocalStorage } from '../core/storage/local.ts'
import { type TwoFaced, twoFacedFiles } from '../fixtures/two-faced.ts'
import { atEnd } from './setup/at-end.ts'
import { readAsset, type TestHouse, testHouse } from './setup/house.ts'
import { runTasks } from './setup/run-through.ts'
import { tempFolder } from './setup/temp-folder.ts'

const off = { thumbnails: false, poster: false, storyboard: false, waveform: false }
const typeOf: Record<string, string> = {
  jpg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  gif: 'image/gif',
  mp3: 'audio/mpeg',
}
const files = await twoFacedFiles({ beacon: 'http://127.0.0.1:9/ran' })
let house: TestHouse
let app: Awaited<ReturnType<typeof buildApp>>
let signing: LocalStorage

beforeAll(async () => {
  const profiles = path.join(await tempFolder(), 'profiles.json')
  await writeFile(profiles, JSON.stringify({ kept: { extends: 'rehost', ...off } }))
  house = await testHouse({ env: { PROFILES_FILE: profiles } })
  app = await buildApp(house)
  atEnd(() => app.close())
  signing = openLocalStorage({
    driver: 'local',
    dir: house.config.STORAGE_DIR,
    publicUrl: house.config.publicUrl,
    signingSecret: house.config.SIGNING_SECRET ?? '',
  })
})

const local = { host: 'localhost' }

/** Sent as a stranger would who wants to be believed: a name and a type of their choice. */
async function send({ name, bytes }: Pick<TwoFaced, 'name' | 'bytes'>, type = 'text/html'): Promise<string> {
  const form = new FormData()
  form.set('profile', 'kept')
  form.set('file', new File([new Uint8Array(bytes)], name, { type }))
  const wrapped = new Response(form)
  const answer = await app.inject({
    method: 'POST',
    url: '/v1/assets',
    headers: { ...local, 'content-type': wrapped.headers.get('content-type') ?? '' },
    payload: Buffer.from(await wrapped.arrayBuffer()),
  })
  expect(answer.statusCode).toBe(202)
  await runTasks(house, answer.json().id)
  return answer.json().id
}

const view = async (id: string) => (await app.inject({ url: `/v1/assets/${id}`, headers: local })).json() as AssetView
const pathOf = (url = '') => url.slice(house.config.publicUrl.length)

/** However it is asked for. */
async function answers(url: string) {
  const asked = { url, headers: { accept: 'text/html,application/xhtml+xml' } }
  return {
    whole: await app.inject(asked),
    head: await app.inject({ ...asked, method: 'HEAD' }),
    part: await app.inject({ ...asked, headers: { ...asked.headers, range: 'bytes=0-9' } }),
  }
}

describe.each(files)('$what, sent as the page $name', (file) => {
  it('is shown in the type that we found, or saved without one, and never run', async () => {
    const id = await send(file)
    const asset = await view(id)
    expect(asset).toMatchObject({ status: 'ready', source: { filename: file.name } })
    const original = asset.images[0]?.url ?? asset.audio?.url
    expect(new URL(original ?? '').pathname).toMatch(new RegExp(`/g1/(images|audio)/original\\.${file.extension}$`))
    const source = (await readAsset(house, id)).source_key ?? ''
    expect(isSourceKey(source)).toBe(true)
    const saved = await signing.signedUrl(source, { expiresInSeconds: 60 })

    for (const [url, type, attachment] of [
      [original, typeOf[file.extension], undefined],
      [saved, 'application/octet-stream', 'attachment'],
    ] as const) {
      const { whole, head, part } = await answers(pathOf(url))
      expect([whole.statusCode, head.statusCode, part.statusCode]).toEqual([200, 200, 206])
      expect(whole.rawPayload.equals(file.bytes)).toBe(true)
      for (const answer of [whole, head, part]) {
        expect(answer.headers).toMatchObject({
          'content-type': type,
          'x-content-type-options': 'nosniff',
          'content-security-policy': "sandbox; default-src 'none'",
        })
        expect(answer.headers['content-disposition']).toBe(attachment)
        expect(JSON.stringify(answer.headers)).not.toContain(file.name.split('.')[0])
      }
    }
    expect((await app.inject({ url: `/media/${source}` })).statusCode).toBe(404)
  })
})

it('what is deleted is gone at once, however it is asked for', async () => {
  const [file] = files
  if (file === undefined) throw new Error('there is no file')
  const id = await send(file)
  const [image] = (await view(id)).images
  const saved = await signing.signedUrl((await readAsset(house, id)).source_key ?? '', { expiresInSeconds: 60 })
  const statuses = async (url = '') => Object.values(await answers(pathOf(url))).map(({ statusCode }) => statusCode)
  expect(await statuses(image?.url)).toEqual([200, 200, 206])
  expect((await app.inject({ method: 'DELETE', url: `/v1/assets/${id}`, headers: local })).statusCode).toBe(204)
  expect(await statuses(image?.url)).toEqual([404, 404, 404])
  expect(await statuses(saved)).toEqual([404, 404, 404])
})

it.each([
  ['HTML', '<!doctype html><script>alert(1)</script>'],
  ['HTML behind a mark of byte order', '\ufeff<html>'],
  ['SVG', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'],
  ['a script', 'alert(1)//'],
  ['PHP', '<?php system($_GET["c"]); ?>'],
  ['a style sheet', 'body{background:url(http://127.0.0.1:9)}'],
  ['XML with a style sheet', '<?xml version="1.0"?><?xml-stylesheet href="a.xsl"?><a/>'],
  ['an archive', 'PK\u0003\u0004aaaaaaaaaaaaaaaaaaaaaaaaaa'],
  ['a program', `MZ${'\0'.repeat(100)}PE`],
  ['WebAssembly', '\0asm\u0001\0\0\0'],
  ['Flash', 'FWS\u0009aaaaaaaaaaaaaaaa'],
  ['a manifest of a cache', 'CACHE MANIFEST\n/'],
  ['a mail with a page in it', 'MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<script>'],
])('%s, called a picture, becomes nothing that is shown', async (_what, text) => {
  const id = await send({ name: 'cat.jpg', bytes: Buffer.from(text) }, 'image/jpeg')
  const asset = await view(id)
  expect(asset).toMatchObject({
    status: 'failed',
    error: { code: 'unsupported_container' },
    images: [],
    playback: null,
  })
  const keys: string[] = []
  for await (const { key } of house.storage.list(`default/${id}`)) keys.push(key)
  expect(keys).toEqual([`default/${id}/source/cat.jpg`])
  expect((await app.inject({ url: `/media/${keys[0]}` })).statusCode).toBe(404)
})
