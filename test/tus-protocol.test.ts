import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildApp } from '../api/app.ts'
import { atEnd } from './setup/at-end.ts'
import { readAsset, type TestHouse, testHouse } from './setup/house.ts'
import { bytesType, idOf, metadata, problemOf, type TusSession, tusSession } from './setup/tus.ts'
import { waitingForLocks } from './setup/waiting-for-locks.ts'

let house: TestHouse
let tus: TusSession
let url = ''
const page = 'https://app.example'

beforeAll(async () => {
  house = await testHouse({ env: { MAX_UPLOAD_BYTES: '1MiB', CORS_ORIGINS: page } })
  const app = await buildApp(house)
  atEnd(() => app.close())
  url = await app.listen({ host: '127.0.0.1', port: 0 })
  tus = tusSession(url)
})

const bytes = (text: string) => new Uint8Array(Buffer.from(text))
const events = async (id: string) =>
  (await house.db.selectFrom('events').select('type').where('asset_id', '=', id).orderBy('sequence').execute()).map(
    ({ type }) => type,
  )
const sha256 = (data: string) => createHash('sha256').update(data).digest('hex')

describe('OPTIONS', () => {
  it('says what this server can do', async () => {
    const answer = await fetch(`${url}/v1/tus`, { method: 'OPTIONS' })
    expect(answer.status).toBe(204)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'tus-resumable': '1.0.0',
      'tus-version': '1.0.0',
      'tus-max-size': '1048576',
      'tus-extension':
        'creation,creation-with-upload,creation-defer-length,checksum,concatenation,expiration,termination',
      'tus-checksum-algorithm': 'sha1,sha256,md5,crc32',
    })
    expect(answer.headers.has('access-control-allow-origin')).toBe(false)
  })

  it('of a page of a named origin says that it may, and what it may read; of another says nothing', async () => {
    const ask = (origin: string) => fetch(`${url}/v1/tus`, { method: 'OPTIONS', headers: { origin } })
    const allowed = await ask(page)
    expect(allowed.headers.get('access-control-allow-origin')).toBe(page)
    expect(allowed.headers.get('access-control-allow-methods')).toContain('PATCH')
    expect(allowed.headers.get('access-control-allow-headers')).toContain('Upload-Offset')
    expect(allowed.headers.get('access-control-expose-headers')).toContain('Asset-Id')
    const other = await ask('https://evil.example')
    expect(other.headers.has('access-control-allow-origin')).toBe(false)
    expect(other.headers.get('vary')).toContain('Origin')
  })
})

describe('creation', () => {
  it('makes an upload, and an asset that waits for it, at a relative address', async () => {
    const words = metadata({
      filename: 'Ümläut film.mp4',
      filetype: 'video/mp4',
      'metadata.album': 'a',
      priority: 'low',
    })
    const answer = await tus.create({ 'upload-length': '10', 'upload-metadata': words })
    expect(answer.status).toBe(201)
    const location = answer.headers.get('location') ?? ''
    expect(location).toBe(`/v1/tus/${answer.headers.get('asset-id')}`)
    expect(Date.parse(answer.headers.get('upload-expires') ?? '')).toBeGreaterThan(Date.now() + 23 * 3_600_000)
    const asset = await fetch(`${url}/v1/assets/${idOf(location)}`)
    expect(await asset.json()).toMatchObject({
      status: 'waiting',
      metadata: { album: 'a' },
      source: { type: 'upload', filename: 'Ümläut film.mp4', bytes: 10, receivedBytes: 0 },
    })
    expect(await events(idOf(location))).toEqual(['asset.created'])
    const head = await tus.head(location)
    expect(head.status).toBe(200)
    expect(Object.fromEntries(head.headers)).toMatchObject({
      'upload-offset': '0',
      'upload-length': '10',
      'upload-metadata': words,
      'cache-control': 'no-store',
      'tus-resumable': '1.0.0',
    })
  })

  it('never believes the host of a request', async () => {
    const answer = await tus.call('POST', '/v1/tus/', { 'upload-length': '1', 'x-forwarded-host': 'evil.example' })
    expect(answer.headers.get('location')).toMatch(/^\/v1\/tus\/[0-9a-f-]{36}$/)
  })

  it.each([
    ['no length', {}, 400, 'invalid_request'],
    ['a length and none', { 'upload-length': '1', 'upload-defer-length': '1' }, 400, 'invalid_request'],
    ['a deferred length of 2', { 'upload-defer-length': '2' }, 400, 'invalid_request'],
    ['a negative length', { 'upload-length': '-1' }, 400, 'invalid_request'],
    ['a length in powers', { 'upload-length': '1e3' }, 400, 'invalid_request'],
    ['a length past all numbers', { 'upload-length': '99999999999999999999' }, 400, 'invalid_request'],
    ['two lengths', { 'upload-length': '10, 20' }, 400, 'invalid_request'],
    ['an empty file', { 'upload-length': '0' }, 400, 'invalid_request'],
    ['more than is allowed', { 'upload-length': '1048577' }, 413, 'too_large'],
    ['metadata that is no pair', { 'upload-length': '1', 'upload-metadata': 'filename a b' }, 400, 'invalid_request'],
    ['metadata that is no base64', { 'upload-length': '1', 'upload-metadata': 'filename a' }, 400, 'invalid_request'],
    ['a key twice', { 'upload-length': '1', 'upload-metadata': 'a YQ==,a YQ==' }, 400, 'invalid_request'],
    ['the key __proto__', { 'upload-length': '1', 'upload-metadata': '__proto__ YQ==' }, 400, 'invalid_request'],
    [
      'a kind that is none',
      { 'upload-length': '1', 'upload-metadata': metadata({ kind: 'pdf' }) },
      400,
      'invalid_request',
    ],
    [
      'no such profile',
      { 'upload-length': '1', 'upload-metadata': metadata({ profile: 'x' }) },
      400,
      'invalid_request',
    ],
    ['text that is none', { 'upload-length': '1', 'upload-metadata': 'externalId /w==' }, 400, 'invalid_request'],
    ['an unknown concatenation', { 'upload-length': '1', 'upload-concat': 'whole' }, 400, 'invalid_request'],
    ['another version', { 'upload-length': '1', 'tus-resumable': '0.2.2' }, 412, 'tus_version'],
  ] as [string, Record<string, string>, number, string][])(
    'with %s is refused',
    async (_what, headers, status, code) => {
      const before = await house.db.selectFrom('assets').select('id').execute()
      const answer = await tus.create(headers)
      expect(await problemOf(answer)).toEqual({ status, code, type: 'application/problem+json; charset=utf-8' })
      expect(answer.headers.get('tus-resumable')).toBe('1.0.0')
      expect(answer.headers.get('tus-version')).toBe(status === 412 ? '1.0.0' : null)
      expect(await house.db.selectFrom('assets').select('id').execute()).toHaveLength(before.length)
    },
  )

  it('keeps names and values that would break a header or a prototype as data', async () => {
    const evil = 'a\r\nX-Evil: 1\u0000.mp4'
    const words = metadata({ filename: evil, 'metadata.__proto__': 'x', 'metadata.a': 'a\r\nX-Evil: 1' })
    const location = await tus.begun({ 'upload-length': '1', 'upload-metadata': words })
    const head = await tus.head(location)
    expect(head.headers.has('x-evil')).toBe(false)
    expect(head.headers.get('upload-metadata')).toBe(words)
    const asset = await readAsset(house, idOf(location))
    expect(asset.metadata['a']).toBe('a\r\nX-Evil: 1')
    expect(asset.source_filename).toBe('aX-Evil: 1.mp4')
  })

  it('takes the bytes at once when they come with it, and knows their hash', async () => {
    const answer = await tus.create(
      { 'upload-length': '5', 'upload-metadata': metadata({ name: 'hello.mp4' }) },
      bytes('hello'),
    )
    expect(answer.status).toBe(201)
    expect(answer.headers.get('upload-offset')).toBe('5')
    expect(answer.headers.has('upload-expires')).toBe(false)
    const asset = await readAsset(house, answer.headers.get('asset-id') ?? '')
    expect(asset).toMatchObject({
      status: 'queued',
      source_sha256: sha256('hello'),
      source_bytes: 5,
      source_filename: 'hello.mp4',
    })
    const stored = await house.storage.get(asset.source_key ?? '')
    expect(Buffer.concat(await stored.toArray()).toString()).toBe('hello')
  })

  it('takes a first part with it too', async () => {
    const answer = await tus.create({ 'upload-length': '5' }, bytes('he'))
    expect(answer.headers.get('upload-offset')).toBe('2')
    const location = answer.headers.get('location') ?? ''
    const patched = await tus.patch(location, 2, bytes('llo'))
    expect(patched.status).toBe(204)
    expect((await readAsset(house, idOf(location))).source_sha256).toBe(sha256('hello'))
  })

  it('again with an external id goes on with what is under way; with another size it is a conflict that names the asset', async () => {
    const words = { 'upload-metadata': metadata({ externalId: 'once' }) }
    const first = await tus.create({ 'upload-length': '5', ...words }, bytes('he'))
    const again = await tus.create({ 'upload-length': '5', ...words }, bytes('hello'))
    expect(again.status).toBe(201)
    expect(again.headers.get('location')).toBe(first.headers.get('location'))
    expect(again.headers.get('upload-offset')).toBe('2')
    const other = await tus.create({ 'upload-length': '6', ...words })
    expect(other.headers.get('asset-id')).toBe(first.headers.get('asset-id'))
    expect(await problemOf(other)).toMatchObject({ status: 409, code: 'conflict' })
  })

  it('may leave the length to be said later', async () => {
    const location = await tus.begun({ 'upload-defer-length': '1' })
    expect((await tus.patch(location, 0, bytes('hel'))).headers.get('upload-offset')).toBe('3')
    const head = await tus.head(location)
    expect(head.headers.get('upload-defer-length')).toBe('1')
    expect(head.headers.has('upload-length')).toBe(false)
    expect((await tus.patch(location, 3, bytes('l'), { 'upload-length': '2' })).status).toBe(400)
    expect((await tus.patch(location, 3, bytes('l'), { 'upload-length': '1048577' })).status).toBe(413)
    expect((await tus.patch(location, 3, bytes('lo'), { 'upload-length': '5' })).headers.get('upload-offset')).toBe('5')
    expect(await readAsset(house, idOf(location))).toMatchObject({ status: 'queued', source_bytes: 5 })
    expect((await tus.head(location)).headers.get('upload-length')).toBe('5')
  })
})

describe('PATCH', () => {
  it('goes on where the bytes end, and at the last one the asset has them: once', async () => {
    const location = await tus.begun({ 'upload-length': '11' })
    const first = await tus.patch(location, 0, bytes('hello '))
    expect([first.status, first.headers.get('upload-offset'), first.headers.has('upload-expires')]).toEqual([
      204,
      '6',
      true,
    ])
    expect((await readAsset(house, idOf(location))).source_received).toBe(6)
    const last = await tus.patch(location, 6, bytes('world'))
    expect([last.status, last.headers.get('upload-offset'), last.headers.has('upload-expires')]).toEqual([
      204,
      '11',
      false,
    ])
    expect(await events(idOf(location))).toEqual(['asset.created', 'asset.uploaded'])
    expect((await tus.patch(location, 11)).status).toBe(204)
    expect((await tus.head(location)).headers.get('upload-offset')).toBe('11')
    expect(await events(idOf(location))).toEqual(['asset.created', 'asset.uploaded'])
    const tasks = await house.db.selectFrom('tasks').select('key').where('asset_id', '=', idOf(location)).execute()
    expect(tasks).toEqual([{ key: 'inspect' }])
  })

  it.each([
    ['at another offset', 4, 'x', {}, 409, 'offset_mismatch'],
    ['at no offset', '', 'x', {}, 400, 'invalid_request'],
    ['at a negative offset', -1, 'x', {}, 400, 'invalid_request'],
    ['of another type', 3, 'x', { 'content-type': 'application/octet-stream' }, 415, 'unsupported_media_type'],
    ['longer than the upload', 3, 'too long', {}, 413, 'too_large'],
    ['with a length that is known already', 3, 'x', { 'upload-length': '5' }, 400, 'invalid_request'],
    ['with a checksum of an unknown kind', 3, 'x', { 'upload-checksum': 'adler32 AAAA' }, 400, 'invalid_request'],
    ['with a checksum that is none', 3, 'x', { 'upload-checksum': 'sha1 AAAA' }, 400, 'invalid_request'],
    ['in another version', 3, 'x', { 'tus-resumable': '2.0.0' }, 412, 'tus_version'],
  ] as [string, number | string, string, Record<string, string>, number, string][])(
    '%s is refused, and changes nothing',
    async (_what, offset, body, headers, status, code) => {
      const location = await tus.begun({ 'upload-length': '5' })
      await tus.patch(location, 0, bytes('hel'))
      expect(await problemOf(await tus.patch(location, offset, bytes(body), headers))).toMatchObject({ status, code })
      expect((await tus.head(location)).headers.get('upload-offset')).toBe('3')
      expect((await tus.patch(location, 3, bytes('lo'))).status).toBe(204)
      expect((await readAsset(house, idOf(location))).source_bytes).toBe(5)
    },
  )

  it('that turns out longer than the upload does not make it whole', async () => {
    const location = await tus.begun({ 'upload-length': '5' })
    const long = new ReadableStream({
      start(controller) {
        for (const text of ['hel', 'lo', 'o!']) controller.enqueue(bytes(text))
        controller.close()
      },
    })
    expect(await problemOf(await tus.patch(location, 0, long))).toMatchObject({ status: 413, code: 'too_large' })
    const offset = Number((await tus.head(location)).headers.get('upload-offset'))
    expect(offset).toBeLessThan(5)
    expect((await tus.patch(location, offset, bytes('hello'.slice(offset)))).status).toBe(204)
  })

  it('may come as a POST that names it', async () => {
    const location = await tus.begun({ 'upload-length': '5' })
    const answer = await tus.call(
      'POST',
      location,
      { 'x-http-method-override': 'PATCH', 'content-type': bytesType, 'upload-offset': '0' },
      bytes('hello'),
    )
    expect([answer.status, answer.headers.get('upload-offset')]).toEqual([204, '5'])
    const head = await tus.call('POST', location, { 'x-http-method-override': 'HEAD' })
    expect([head.status, head.headers.get('upload-length')]).toEqual([200, '5'])
  })
})

describe('checksum', () => {
  const crc = Buffer.alloc(4)
  crc.writeUInt32BE(crc32('hello'))
  const right: [string, string][] = [
    ...['sha1', 'sha256', 'md5'].map((name): [string, string] => [
      name,
      createHash(name).update('hello').digest('base64'),
    ]),
    ['crc32', crc.toString('base64')],
  ]

  it.each(right)('by %s counts when it is right, and nothing of the body when it is not', async (name, digest) => {
    const location = await tus.begun({ 'upload-length': '8' })
    await tus.patch(location, 0, bytes('say'))
    const announced = { 'upload-checksum': `${name} ${digest}` }
    const wrong = await tus.patch(location, 3, bytes('hallo'), announced)
    expect(await problemOf(wrong)).toMatchObject({ status: 460, code: 'checksum_mismatch' })
    expect((await tus.head(location)).headers.get('upload-offset')).toBe('3')
    expect((await tus.patch(location, 3, bytes('hello'), announced)).status).toBe(204)
    const asset = await readAsset(house, idOf(location))
    const stored = await house.storage.get(asset.source_key ?? '')
    expect(Buffer.concat(await stored.toArray()).toString()).toBe('sayhello')
  })
})

describe('concatenation', () => {
  const part = async (text: string) => {
    const answer = await tus.create({ 'upload-length': String(text.length), 'upload-concat': 'partial' }, bytes(text))
    expect([answer.status, answer.headers.has('asset-id')]).toEqual([201, false])
    return answer.headers.get('location') ?? ''
  }

  it('makes one asset of the parts, in the order that the final upload names', async () => {
    const [a, b, c] = [await part('hel'), await part(''), await part('lo')]
    expect((await tus.head(a)).headers.get('upload-concat')).toBe('partial')
    const concat = `final;${a} ${url}${b} ${c}`
    const words = metadata({ filename: 'joined.mp4' })
    const answer = await tus.create({ 'upload-concat': concat, 'upload-metadata': words })
    expect(answer.status).toBe(201)
    const location = answer.headers.get('location') ?? ''
    const head = await tus.head(location)
    expect(Object.fromEntries(head.headers)).toMatchObject({
      'upload-concat': concat,
      'upload-length': '5',
      'upload-offset': '5',
      'upload-metadata': words,
    })
    const id = idOf(location)
    expect(await readAsset(house, id)).toMatchObject({
      status: 'queued',
      source_bytes: 5,
      source_filename: 'joined.mp4',
    })
    expect(await events(id)).toEqual(['asset.created', 'asset.uploaded'])
    const pieces = await house.db
      .selectFrom('upload_pieces')
      .selectAll()
      .where('upload_id', '=', id)
      .orderBy('number')
      .execute()
    const texts = await Promise.all(
      pieces.map(async ({ key }) => Buffer.concat(await (await house.storage.get(key)).toArray()).toString()),
    )
    expect(texts).toEqual(['hel', 'lo'])
    expect(await house.db.selectFrom('tasks').select('key').where('asset_id', '=', id).execute()).toEqual([
      { key: 'seal' },
    ])
    expect((await tus.patch(location, 5, bytes('!'))).status).toBe(403)
    expect((await tus.create({ 'upload-concat': concat, 'upload-metadata': words })).headers.get('location')).toBe(
      location,
    )
    expect(await problemOf(await tus.create({ 'upload-concat': `final;${a}` }))).toMatchObject({
      status: 409,
      code: 'conflict',
    })
  })

  it('of parts that are not whole, not there, not ours or named twice is refused', async () => {
    const whole = await part('hel')
    const open = await tus.begun({ 'upload-length': '3', 'upload-concat': 'partial' })
    const plain = await tus.begun({ 'upload-length': '3' })
    const nobody = `/v1/tus/${crypto.randomUUID()}`
    const refused = async (list: string, more = {}) => {
      const { status, code } = await problemOf(await tus.create({ 'upload-concat': `final;${list}`, ...more }))
      return `${status} ${code}`
    }
    expect(await refused(`${whole} ${open}`)).toBe('409 upload_incomplete')
    expect(await refused(`${whole} ${nobody}`)).toBe('404 not_found')
    expect(await refused(`${whole} ${plain}`)).toBe('404 not_found')
    expect(await refused(`${whole} ${whole}`)).toBe('400 invalid_request')
    expect(await refused(`http://evil.example${whole}`)).toBe('400 invalid_request')
    expect(await refused('')).toBe('400 invalid_request')
    expect(await refused(whole, { 'upload-length': '3' })).toBe('400 invalid_request')
    expect((await tus.create({ 'upload-concat': `final;${whole}` })).status).toBe(201)
  })

  it('asked for three times at once makes one asset', async () => {
    const [a, b] = [await part('hel'), await part('lo')]
    const asked = await house.db.transaction().execute(async (trx) => {
      await trx.selectFrom('uploads').select('id').where('id', '=', idOf(a)).forUpdate().execute()
      const answers = [1, 2, 3].map(() => tus.create({ 'upload-concat': `final;${a} ${b}` }))
      // All three have found the parts unused.
      await waitingForLocks(house.db, { many: 3, like: '%"uploads"%for no key update' })
      return { answers }
    })
    const answers = await Promise.all(asked.answers)
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409, 409])
    const again = await tus.create({ 'upload-concat': `final;${a} ${b}` })
    const made = answers.find(({ status }) => status === 201)
    expect(again.headers.get('location')).toBe(made?.headers.get('location'))
  })
})

describe('the end of an upload', () => {
  it('by DELETE is the end of its asset; nobody goes on with it', async () => {
    const location = await tus.begun({ 'upload-length': '5' })
    await tus.patch(location, 0, bytes('hel'))
    expect((await tus.remove(location)).status).toBe(204)
    expect((await readAsset(house, idOf(location))).status).toBe('cancelled')
    expect((await tus.head(location)).status).toBe(410)
    expect(await problemOf(await tus.patch(location, 3, bytes('lo')))).toMatchObject({
      status: 410,
      code: 'upload_expired',
    })
    expect((await tus.remove(location)).status).toBe(410)
  })

  it('by its asset is the same', async () => {
    const [cancelled, deleted, later] = [
      await tus.begun({ 'upload-length': '5' }),
      await tus.begun({ 'upload-length': '5' }),
      await tus.begun({ 'upload-length': '5' }),
    ]
    await tus.patch(later, 0, bytes('hello'))
    await fetch(`${url}/v1/assets/${idOf(cancelled)}/cancel`, { method: 'POST' })
    for (const location of [deleted, later]) await fetch(`${url}/v1/assets/${idOf(location)}`, { method: 'DELETE' })
    for (const location of [cancelled, deleted, later]) expect((await tus.head(location)).status).toBe(410)
  })

  it('that is finished is not ended by DELETE, which would take the asset along', async () => {
    const location = await tus.begun({ 'upload-length': '5' })
    await tus.patch(location, 0, bytes('hello'))
    expect(await problemOf(await tus.remove(location))).toMatchObject({ status: 403, code: 'upload_finished' })
    expect((await readAsset(house, idOf(location))).status).toBe('queued')
  })

  it('comes when nothing has come for long, counted from the last byte', async () => {
    const location = await tus.begun({ 'upload-length': '5' })
    const expires = (seconds: number) =>
      house.db
        .updateTable('uploads')
        .set({ expires_at: new Date(Date.now() + seconds * 1_000) })
        .where('id', '=', idOf(location))
        .execute()
    await expires(60)
    const patched = await tus.patch(location, 0, bytes('he'))
    for (const answer of [patched, await tus.head(location)])
      expect(Date.parse(answer.headers.get('upload-expires') ?? '')).toBeGreaterThan(Date.now() + 3_600_000)
    await expires(-1)
    expect((await tus.head(location)).status).toBe(410)
    expect((await tus.patch(location, 2, bytes('llo'))).status).toBe(410)
  })
})

describe('strangers', () => {
  it('GET nothing, ever', async () => {
    const location = await tus.begun({ 'upload-length': '5' })
    await tus.patch(location, 0, bytes('hello'))
    for (const path of ['/v1/tus', location]) {
      const answer = await fetch(url + path)
      expect(await problemOf(answer)).toMatchObject({ status: 405, code: 'method_not_allowed' })
      expect(answer.headers.get('allow')).not.toContain('GET')
    }
    expect((await fetch(`${url}/live`)).status).toBe(200)
  })

  it.each(['..%2f..%2fetc%2fpasswd', '%00', 'x'.repeat(90), crypto.randomUUID()])('find nothing at %s', async (id) => {
    for (const answer of [
      await tus.head(`/v1/tus/${id}`),
      await tus.patch(`/v1/tus/${id}`, 0),
      await tus.remove(`/v1/tus/${id}`),
    ])
      expect(answer.status).toBe(404)
  })
})
