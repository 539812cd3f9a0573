import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { buildApp } from '../api/app.ts'
import type { Asset } from '../core/db/assets.ts'
import { createKey } from '../core/db/keys.ts'
import { createLogger } from '../core/logger.ts'
import { signAsset } from '../core/storage/asset-signature.ts'
import { atEnd } from './setup/at-end.ts'
import { type TestHouse, testHouse } from './setup/house.ts'
import { type ShownFile, shownAsset } from './setup/shown-asset.ts'

type Suite = { name: string; env(): Promise<Record<string, string>> }

const size = { width: 320, height: 180, format: 'jpeg' }
const films: ShownFile[] = [
  { path: 'hls/master.m3u8', body: '#EXTM3U\nv/playlist.m3u8\n', role: 'hls' },
  { path: 'hls/manifest.mpd', body: '<MPD/>', role: 'dash' },
  { path: 'hls/v/playlist.m3u8', body: '#EXTM3U\n0.m4s\n' },
  { path: 'hls/v/0.m4s', body: 'pictures' },
  { path: 'hls/en/0.m4s', body: 'sound' },
  { path: 'hls/text/en.vtt', body: 'WEBVTT' },
  { path: 'mp4/film.mp4', body: 'one file', role: 'mp4' },
  { path: 'thumbnails/small.jpg', body: 'small', role: 'thumbnail', name: 'small', facts: size },
  { path: 'thumbnails/poster.jpg', body: 'poster', role: 'poster' },
  {
    path: 'storyboard/storyboard.vtt',
    body: 'WEBVTT\n\n00:00.000 --> 00:05.000\n0.jpg#xywh=0,0,160,90',
    role: 'storyboard',
    name: 'vtt',
    facts: { tileWidth: 160, tileHeight: 90, interval: 5 },
  },
  { path: 'storyboard/0.jpg', body: 'sheet' },
]
const sounds: ShownFile[] = [
  { path: 'audio/sound.m4a', body: 'sound', role: 'audio', name: 'm4a', facts: { format: 'm4a' } },
  { path: 'audio/waveform.json', body: '[]', role: 'waveform' },
]
const pictures: ShownFile[] = [
  { path: 'images/w640.webp', body: 'picture', role: 'image', name: 'w640', facts: { ...size, format: 'webp' } },
]

/** What private assets promise, whatever lies under them. */
export function privateSuite({ name, env }: Suite): void {
  describe(`a private asset, ${name}`, () => {
    let house: TestHouse
    let app: Awaited<ReturnType<typeof buildApp>>
    let film: Asset
    let queries = 0
    const lines: string[] = []

    beforeAll(async () => {
      house = await testHouse({ env: { AUTH: 'keys', PUBLIC_URL: 'https://media.example', ...(await env()) } })
      const log = createLogger({ level: 'debug', name: 'test' }, { write: (line) => lines.push(line) })
      const db = house.db.withPlugin({
        transformQuery({ node }) {
          queries++
          return node
        },
        transformResult: async ({ result }) => result,
      })
      app = await buildApp({ ...house, db, log })
      atEnd(() => app.close())
      film = await shownAsset(house, { kind: 'video', visibility: 'private' }, films)
    })

    const keys = new Map<string, string>()
    async function call(method: 'GET' | 'POST' | 'DELETE', url: string, more: { tenant?: string; body?: object } = {}) {
      const { tenant = 'default', body } = more
      const { secret } = keys.has(tenant)
        ? { secret: keys.get(tenant) }
        : await createKey(house.db, { tenant, name: 'test', scopes: ['assets'] })
      keys.set(tenant, secret ?? '')
      const headers = { authorization: `Bearer ${secret}` }
      return app.inject({ method, url, headers, ...(body ? { payload: body } : {}) })
    }
    const sign = async (asset: Asset, body?: object, tenant?: string) =>
      call('POST', `/v1/assets/${asset.id}/sign`, { ...(body ? { body } : {}), ...(tenant ? { tenant } : {}) })
    const pathOf = (url: string) => url.replace('https://media.example', '')
    const read = (url: string, headers: Record<string, string> = {}) => app.inject({ url: pathOf(url), headers })
    const mark = (asset: Asset, options: { inSeconds?: number; secret?: string } = {}) =>
      signAsset({
        asset,
        secret: options.secret ?? house.config.SIGNING_SECRET ?? '',
        expiresAt: new Date(Date.now() + (options.inSeconds ?? 60) * 1000),
      })
    const below = (asset: Asset, path: string) => `${asset.tenant}/${asset.id}/${path}`

    it('is shown whole at signed addresses, in the shapes of the asset, and at no other', async () => {
      for (const [kind, files] of [
        ['video', films],
        ['audio', sounds],
        ['image', pictures],
      ] as const) {
        const asset = await shownAsset(house, { kind, visibility: 'private' }, files)
        const lasting = (await call('GET', `/v1/assets/${asset.id}`)).json()
        const answer = await sign(asset)
        expect([answer.statusCode, answer.headers['cache-control']]).toEqual([200, 'no-store'])
        const { expiresAt, ...signed } = answer.json()
        expect(Date.parse(expiresAt)).toBeGreaterThan(Date.now() + 3_598_000)
        const found = addressesIn(signed)
        const before = addressesIn(Object.fromEntries(Object.keys(signed).map((field) => [field, lasting[field]])))
        expect(found.map(withoutOrigin)).toEqual(before.map(withoutOrigin))
        expect(found.length).toBeGreaterThan(0)
        for (const address of found) expect((await read(address)).statusCode, address).toBe(200)
        for (const address of before) expect((await read(new URL(address).pathname)).statusCode, address).toBe(404)
        for (const { path } of files) {
          expect((await read(`/media/${below(asset, `p1/${path}`)}`)).statusCode, path).toBe(404)
          expect((await read(`/media/${below(asset, `g1/${path}`)}`)).statusCode, path).toBe(404)
        }
      }
    })

    it('keeps its signature in every relative address: playlists, segments, sound, words, sheets', async () => {
      const { playback } = (await sign(film)).json()
      for (const { path, body } of films) {
        const answer = await read(new URL(path.replace(/^hls\//, './').replace(/^(?!\.)/, '../'), playback.hls).href)
        expect([path, answer.statusCode, answer.body]).toEqual([path, 200, body])
      }
    })

    it('is kept by nobody but its viewer, and no longer than its address works', async () => {
      const short = mark(film, { inSeconds: 30 })
      const headersOf = async (path: string) => (await read(`/media/${short}/${below(film, `p1/${path}`)}`)).headers
      expect((await headersOf('hls/master.m3u8'))['cache-control']).toBe('private, no-cache')
      expect((await headersOf('hls/v/playlist.m3u8'))['cache-control']).toBe('private, no-cache')
      const headers = await headersOf('hls/v/0.m4s')
      expect(headers).toMatchObject({
        'content-type': 'video/mp4',
        'access-control-allow-origin': '*',
        'x-content-type-options': 'nosniff',
        'content-security-policy': "sandbox; default-src 'none'",
        'accept-ranges': 'bytes',
      })
      const [, age] = /^private, max-age=(\d+)$/.exec(String(headers['cache-control'])) ?? []
      expect(Number(age)).toBeLessThanOrEqual(31)
      expect(Number(age)).toBeGreaterThan(0)
    })

    it('is read in ranges, by HEAD, and not again where it is held already', async () => {
      const url = `/media/${mark(film)}/${below(film, 'p1/hls/v/0.m4s')}`
      const part = await read(url, { range: 'bytes=2-4' })
      expect([part.statusCode, part.body, part.headers['content-range']]).toEqual([206, 'ctu', 'bytes 2-4/8'])
      const head = await app.inject({ method: 'HEAD', url })
      expect([head.statusCode, head.body, head.headers['content-length']]).toEqual([200, '', '8'])
      const etag = String(head.headers['etag'])
      expect((await read(url, { 'if-none-match': etag })).statusCode).toBe(304)
      expect((await read(url, { range: 'bytes=9-' })).statusCode).toBe(416)
      expect(
        (await app.inject({ method: 'OPTIONS', url, headers: { origin: 'https://elsewhere.example' } })).statusCode,
      ).toBe(204)
    })

    it('answers every wrong signature like something that never was: the same words, headers and questions to the database', async () => {
      const other = await shownAsset(house, { kind: 'video', visibility: 'private' }, films)
      const theirs = await shownAsset(house, { kind: 'video', visibility: 'private', tenant: 'other' }, films)
      const open = await shownAsset(house, { kind: 'video' }, films)
      const segment = 'p1/hls/v/0.m4s'
      const good = mark(film)
      const [exp = '', sig = ''] = good.slice(1).split('.')
      const flip = (text: string, at: number) => text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)
      const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
      const twin = sig.slice(0, -1) + alphabet[alphabet.indexOf(sig.at(-1) ?? '') ^ 1]
      const wrong: Record<string, string> = {
        'the first letter': `~${exp}.${flip(sig, 0)}/${below(film, segment)}`,
        'the last letter': `~${exp}.${flip(sig, 42)}/${below(film, segment)}`,
        'another spelling of the same bytes': `~${exp}.${twin}/${below(film, segment)}`,
        'a later end': `~${Number(exp) + 3600}.${sig}/${below(film, segment)}`,
        'an end with a nought in front': `~0${exp}.${sig}/${below(film, segment)}`,
        over: `${mark(film, { inSeconds: -2 })}/${below(film, segment)}`,
        'another secret': `${mark(film, { secret: 'another house entirely' })}/${below(film, segment)}`,
        'no signature': `~${exp}/${below(film, segment)}`,
        'an empty mark': `~/${below(film, segment)}`,
        'only the end': `~${exp}./${below(film, segment)}`,
        'padding behind it': `${good}=/${below(film, segment)}`,
        'the mark of another asset': `${mark(other)}/${below(film, segment)}`,
        'the mark of another tenant': `${mark(theirs)}/${below(film, segment)}`,
        'another tenant with this id': `${signAsset({ asset: { tenant: 'other', id: film.id }, secret: house.config.SIGNING_SECRET ?? '', expiresAt: new Date(Date.now() + 60_000) })}/${below(film, segment)}`,
        'its mark for another asset': `${good}/${below(other, segment)}`,
        'a wrong mark before what is public': `${good}/${below(open, 'g1/hls/v/0.m4s')}`,
        'no asset at all': `${good}/default/${randomUUID()}/${segment}`,
        'no signature, no mark': below(film, segment),
        'in the query': `${below(film, segment)}?exp=${exp}&sig=${sig}`,
      }
      const neverShown: Record<string, string> = {
        'two marks': `${good}/${good}/${below(film, segment)}`,
        'its source': `${good}/${film.source_key}`,
        'an upload of it': `${good}/${below(film, 'upload/0')}`,
        'a folder called source below it': `${good}/${below(film, 'p1/source/x.mp4')}`,
        'a way out': `${good}/${below(film, 'p1/..%2f..%2fsource%2ffilm.mp4')}`,
        'a way out, dots encoded': `${good}/${below(film, 'p1/%2e%2e/source/film.mp4')}`,
        'a way out, encoded twice': `${good}/${below(film, 'p1/%252e%252e/source/film.mp4')}`,
        'a way out, with backslashes': `${good}/${below(film, 'p1%5c..%5csource%5cfilm.mp4')}`,
        'a NUL': `${good}/${below(film, 'p1/hls/v/0.m4s%00.jpg')}`,
      }
      const missing = await observed(`/media/default/${randomUUID()}/g1/hls/v/0.m4s`)
      expect(missing).toMatchObject({ status: 404, asked: 1 })
      for (const [what, path] of Object.entries(wrong))
        expect({ what, ...(await observed(`/media/${path}`)) }).toEqual({ what, ...missing })
      for (const [what, path] of Object.entries(neverShown))
        expect({ what, ...(await observed(`/media/${path}`)), asked: 1 }).toEqual({ what, ...missing })
      expect((await read(`/media/${good}/${below(film, segment)}`)).statusCode).toBe(200)
    })

    /** All that a stranger can tell answers apart by. */
    async function observed(url: string) {
      const before = queries
      const { statusCode: status, headers, body } = await read(url)
      const { 'x-request-id': id, date: _date, ...rest } = headers
      return { status, headers: rest, body: body.replaceAll(String(id), 'ID'), asked: queries - before }
    }

    it('is signed for its own tenant alone, and within limits', async () => {
      expect((await sign(film, undefined, 'other')).statusCode).toBe(404)
      expect((await app.inject({ method: 'POST', url: `/v1/assets/${film.id}/sign` })).statusCode).toBe(401)
      for (const expiresIn of [59, 604_801, 60.5, -1, '3600', null, 1e300])
        expect((await sign(film, { expiresIn })).json(), String(expiresIn)).toMatchObject({ code: 'invalid_request' })
      expect((await sign(film, { expiresIn: 60, until: 'tomorrow' })).json().code).toBe('invalid_request')
      for (const expiresIn of [60, 604_800]) {
        const asked = Date.now()
        const until = Date.parse((await sign(film, { expiresIn })).json().expiresAt) / 1000 - expiresIn
        expect(until).toBeGreaterThan(asked / 1000 - 2)
        expect(until).toBeLessThan(Date.now() / 1000 + 2)
      }
    })

    it('that is public is signed just as well', async () => {
      const open = await shownAsset(house, { kind: 'video' }, films)
      const { playback } = (await sign(open)).json()
      expect((await read(playback.hls)).body).toContain('#EXTM3U')
    })

    it('plays for whoever may call, by an address of their own', async () => {
      const answer = await call('GET', `/v1/assets/${film.id}/play`)
      expect([answer.statusCode, answer.headers['cache-control']]).toEqual([302, 'no-store'])
      const to = String(answer.headers['location'])
      expect(to).toContain('/media/~')
      expect((await read(to)).body).toContain('#EXTM3U')
      expect((await call('GET', `/v1/assets/${film.id}/play`, { tenant: 'other' })).statusCode).toBe(404)
    })

    it('that is deleted ends at once, whatever was signed', async () => {
      const asset = await shownAsset(house, { kind: 'video', visibility: 'private' }, films)
      const { playback } = (await sign(asset)).json()
      expect((await read(playback.hls)).statusCode).toBe(200)
      expect((await call('DELETE', `/v1/assets/${asset.id}`)).statusCode).toBe(204)
      expect((await read(playback.hls)).statusCode).toBe(404)
      expect((await app.inject({ method: 'HEAD', url: pathOf(playback.hls) })).statusCode).toBe(404)
      expect((await read(playback.hls, { range: 'bytes=0-1' })).statusCode).toBe(404)
      expect((await sign(asset)).statusCode).toBe(404)
    })

    it('leaves no signature in any log line', async () => {
      const good = mark(film)
      await read(`/media/${good}/${below(film, 'p1/hls/v/0.m4s')}`)
      await read(`/media/${good}/${below(film, 'p1/hls/v/none.m4s')}`)
      await read(`/media/${good}/${'%'.repeat(3)}`)
      const written = lines.splice(0).join('')
      onTestFinished(() => void lines.splice(0))
      expect(written).toContain('~[redacted]')
      expect(written).not.toContain(good.split('.')[1])
    })
  })
}

/** Every address in an answer, by where it stands. */
function addressesIn(value: unknown, at = ''): string[] {
  if (typeof value === 'string') return /^https?:/.test(value) && !value.includes(' ') ? [value] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => addressesIn(inner, `${at}.${name}`))
}

const withoutOrigin = (address: string) => address.slice(address.search(/\/[^/]+\/[0-9a-f-]{36}\//))
