import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { createUploadToken } from '../core/db/upload-tokens.ts'
import { newId } from '../core/ids.ts'
import { bearer, keyedApp } from './setup/app.ts'
import { readAsset } from './setup/house.ts'
import { idOf, metadata, problemOf, type TusSession, tusSession } from './setup/tus.ts'
import { waitingForLocks } from './setup/waiting-for-locks.ts'

let keyed: Awaited<ReturnType<typeof keyedApp>>
let url = ''
let acme: TusSession
let other: TusSession
const bytes = (text: string) => new Uint8Array(Buffer.from(text))

beforeAll(async () => {
  keyed = await keyedApp({ QUOTA_INFLIGHT_BYTES: '1MiB' })
  url = await keyed.app.listen({ host: '127.0.0.1', port: 0 })
  acme = tusSession(url, bearer(await keyed.keyFor('acme', ['uploads'])))
  other = tusSession(url, bearer(await keyed.keyFor('other', ['uploads', 'assets'])))
})

/** Everything of an answer but what is new in each. */
async function seen(answer: Response) {
  const headers = Object.fromEntries(answer.headers)
  for (const name of ['date', 'x-request-id', 'keep-alive', 'ratelimit-remaining', 'ratelimit-reset'])
    delete headers[name]
  return { status: answer.status, headers, body: (await answer.text()).replace(/"requestId":"[^"]+"/, '') }
}

describe('an upload of another tenant', () => {
  it('answers like one that never was, whatever is asked of it', async () => {
    const open = await acme.begun({ 'upload-length': '5' })
    const done = await acme.begun({ 'upload-length': '5' })
    await acme.patch(done, 0, bytes('hello'))
    const part = await acme.begun({ 'upload-length': '5', 'upload-concat': 'partial' })
    const none = `/v1/tus/${newId()}`
    for (const theirs of [open, done, part]) {
      expect(await seen(await other.head(theirs))).toEqual(await seen(await other.head(none)))
      expect(await seen(await other.patch(theirs, 0, bytes('x')))).toEqual(
        await seen(await other.patch(none, 0, bytes('x'))),
      )
      expect(await seen(await other.remove(theirs))).toEqual(await seen(await other.remove(none)))
      const join = (path: string) => other.create({ 'upload-concat': `final;${path}` })
      expect(await seen(await join(theirs))).toEqual(await seen(await join(none)))
    }
    expect((await other.head(open)).status).toBe(404)
    expect((await acme.head(open)).status).toBe(200)
    expect((await acme.patch(open, 0, bytes('hello'))).status).toBe(204)
  })

  it('wants a key that may upload', async () => {
    const reader = tusSession(url, bearer(await keyed.keyFor('acme', ['webhooks'])))
    expect(await problemOf(await reader.create({ 'upload-length': '5' }))).toMatchObject({
      status: 403,
      code: 'forbidden',
    })
    const nobody = await tusSession(url).create({ 'upload-length': '5' })
    expect(nobody.headers.get('tus-resumable')).toBe('1.0.0')
    expect(await problemOf(nobody)).toMatchObject({ status: 401, code: 'unauthorized' })
    expect((await fetch(`${url}/v1/tus`, { method: 'OPTIONS' })).status).toBe(204)
  })

  it('counts against the quota of its own tenant from the start, in parts too', async () => {
    const third = tusSession(url, bearer(await keyed.keyFor('third', ['uploads'])))
    const length = { 'upload-length': String(600 * 1024) }
    expect((await third.create({ ...length, 'upload-concat': 'partial' })).status).toBe(201)
    const parts = await third.create({ ...length, 'upload-concat': 'partial' })
    expect((await problemOf(parts)).code).toBe('quota_exceeded')
    expect((await problemOf(await third.create(length))).code).toBe('quota_exceeded')
  })
})

describe('an upload token', () => {
  const withToken = async (terms: { maxBytes: number; accept?: string[] }) => {
    const { token } = await createUploadToken(keyed.house.db, { tenant: 'acme', expiresIn: 60, ...terms })
    return tusSession(url, bearer(token))
  }

  it('makes one upload, of no more than it allows, and finds it again', async () => {
    const tus = await withToken({ maxBytes: 5 })
    expect(await problemOf(await tus.create({ 'upload-length': '6' }))).toMatchObject({ status: 413 })
    const path = await tus.begun({ 'upload-length': '5' })
    expect(await tus.begun({ 'upload-length': '5' })).toBe(path)
    expect(await problemOf(await tus.create({ 'upload-length': '4' }))).toMatchObject({ code: 'upload_token_used' })
    expect((await tus.patch(path, 0, bytes('hello'))).status).toBe(204)
    expect(await readAsset(keyed.house, idOf(path))).toMatchObject({ status: 'queued', tenant: 'acme' })
    expect(await problemOf(await tus.create({ 'upload-length': '5' }))).toMatchObject({ code: 'upload_token_used' })
  })

  it('reaches no other upload of its tenant', async () => {
    const tus = await withToken({ maxBytes: 5 })
    const path = await acme.begun({ 'upload-length': '5' })
    for (const answer of [await tus.head(path), await tus.patch(path, 0, bytes('hello')), await tus.remove(path)])
      expect(answer.status).toBe(404)
  })

  it('allows parts, which together are no more than it allows, and one upload of them', async () => {
    const tus = await withToken({ maxBytes: 5 })
    const part = async (text: string) => {
      const answer = await tus.create({ 'upload-length': String(text.length), 'upload-concat': 'partial' }, bytes(text))
      return answer.status === 201 ? answer.headers.get('location') : answer.status
    }
    const [a, b] = [await part('hel'), await part('lo')]
    expect(await part('x')).toBe(413)
    const final = { 'upload-concat': `final;${a} ${b}` }
    expect((await tus.create(final)).status).toBe(201)
    expect((await tus.create(final)).status).toBe(201)
    expect(await problemOf(await tus.create({ 'upload-length': '1' }))).toMatchObject({ code: 'upload_token_used' })
  })

  it('allows no more in parts that are begun in the same instant', async () => {
    const tus = await withToken({ maxBytes: 5 })
    const begin = () => tus.create({ 'upload-length': '3', 'upload-concat': 'partial' })
    const { db } = keyed.house
    const begun = await db.transaction().execute(async (trx) => {
      // What checks quotas comes last: nobody is done before all have begun.
      await sql`SELECT pg_advisory_xact_lock(hashtextextended('acme', 5))`.execute(trx)
      const answers = Array.from({ length: 4 }, begin)
      await waitingForLocks(db, { many: 4 })
      return { answers }
    })
    const answers = await Promise.all(begun.answers)
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 413, 413, 413])
    const left = answers.find(({ status }) => status === 201)?.headers.get('location') ?? ''
    expect((await tus.patch(left, 0, bytes('hel'))).status).toBe(204)
    expect((await tus.create({ 'upload-concat': `final;${left}` })).status).toBe(201)
  })

  it('joins no parts that another token, or its backend, sent', async () => {
    const [mine, others] = [await withToken({ maxBytes: 9 }), await withToken({ maxBytes: 9 })]
    const part = async (session: TusSession) =>
      (await session.create({ 'upload-length': '3', 'upload-concat': 'partial' }, bytes('hel'))).headers.get('location')
    const own = await part(mine)
    for (const foreign of [await part(others), await part(acme)])
      expect((await mine.create({ 'upload-concat': `final;${own} ${foreign}` })).status).toBe(404)
    expect((await mine.create({ 'upload-concat': `final;${own}` })).status).toBe(201)
  })

  it('refuses beforehand what it does not accept, and what is not its holder’s to say', async () => {
    const tus = await withToken({ maxBytes: 5, accept: ['image/*'] })
    const create = (fields: Record<string, string>) =>
      tus.create({ 'upload-length': '5', 'upload-metadata': metadata(fields) })
    expect((await create({ filetype: 'video/mp4' })).status).toBe(422)
    expect((await create({ externalId: 'x' })).status).toBe(400)
    expect((await create({ filetype: 'image/png' })).status).toBe(201)
  })
})
