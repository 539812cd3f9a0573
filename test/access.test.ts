import { writeFile } from 'node:fs/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { createKey, listKeys, revokeKey } from '../core/db/keys.ts'
import { createUploadToken } from '../core/db/upload-tokens.ts'
import { plainImage } from '../fixtures/images.ts'
import { bearer, keyedApp } from './setup/app.ts'
import { testHouse } from './setup/house.ts'
import { runThrough } from './setup/run-through.ts'
import { tempFolder } from './setup/temp-folder.ts'

let keyed: Awaited<ReturnType<typeof keyedApp>>
beforeAll(async () => {
  keyed = await keyedApp()
})
const list = (key: string) => keyed.app.inject({ url: '/v1/assets', headers: bearer(key) })

describe('an API key', () => {
  it('that is revoked soon opens nothing, in a process that has just used it', async () => {
    const { house } = keyed
    const { id, secret } = await createKey(house.db, { tenant: 'acme', name: 'short', scopes: ['assets'] })
    expect((await list(secret)).statusCode).toBe(200)
    await revokeKey(house.db, id)
    await expect.poll(async () => (await list(secret)).statusCode).toBe(401)
  })

  it('shows when it was last used, and never its secret', async () => {
    const { house } = keyed
    const { id, secret } = await createKey(house.db, { tenant: 'used', name: 'n', scopes: ['assets'] })
    await list(secret)
    const [key] = await listKeys(house.db, { tenant: 'used' })
    expect(key).toMatchObject({ id, last_used_at: expect.any(Date), revoked_at: null })
    expect(JSON.stringify(key)).not.toContain(secret.slice(3))
  })

  it('is made for slugs alone', async () => {
    for (const tenant of ['../acme', 'Acme', '', 'a/b', 'x'.repeat(64)])
      await expect(createKey(keyed.house.db, { tenant, name: 'n', scopes: [] })).rejects.toThrow('no name for a tenant')
  })
})

describe('an upload token', () => {
  let key = ''
  beforeAll(async () => {
    key = await keyed.keyFor('acme', ['uploads'])
  })
  const make = async (payload: object = {}) =>
    keyed.app.inject({ method: 'POST', url: '/v1/upload-tokens', headers: bearer(key), payload })
  const tokenOf = async (payload: object = {}): Promise<string> => (await make(payload)).json().token
  const send = async (token: string, fields: Record<string, string> = {}, type = 'video/mp4', bytes = 'some bytes') => {
    const body = new FormData()
    for (const [name, value] of Object.entries(fields)) body.append(name, value)
    body.append('file', new Blob([bytes], { type }), 'a.mp4')
    const form = new Response(body)
    const headers = { ...bearer(token), 'content-type': form.headers.get('content-type') ?? '' }
    const payload = Buffer.from(await form.arrayBuffer())
    return keyed.app.inject({ method: 'POST', url: '/v1/assets', headers, payload })
  }

  it('is made by a key for uploads, shown once, and kept as a hash', async () => {
    const answer = await make({ expiresIn: 60, maxBytes: 1_000, accept: ['video/*'] })
    expect(answer.statusCode).toBe(201)
    const { id, token, expiresAt } = answer.json()
    expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(50_000)
    const rows = await keyed.house.db.selectFrom('upload_tokens').selectAll().where('id', '=', id).execute()
    expect(rows).toHaveLength(1)
    expect(JSON.stringify(rows)).not.toContain(token)
    const other = await keyed.keyFor('acme', ['assets'])
    const refused = await keyed.app.inject({
      method: 'POST',
      url: '/v1/upload-tokens',
      headers: bearer(other),
      payload: {},
    })
    expect(refused.json()).toMatchObject({ code: 'forbidden' })
  })

  it.each([
    [{ expiresIn: 0 }, 'expiresIn'],
    [{ expiresIn: 1e9 }, 'expiresIn'],
    [{ maxBytes: 0 }, 'maxBytes'],
    [{ maxBytes: 1e18 }, 'maxBytes'],
    [{ accept: ['*'] }, 'accept'],
    [{ accept: [] }, 'accept'],
    [{ accept: ['video/*; x'] }, 'accept'],
    [{ profile: 'gold' }, 'profile'],
    [{ metadata: { a: { b: 1 } } }, 'metadata'],
    [{ tenant: 'other' }, 'tenant'],
  ])('is not made with %j', async (wishes, name) => {
    const answer = await make(wishes)
    expect(answer.statusCode).toBe(400)
    expect(JSON.stringify(answer.json().errors)).toContain(name)
  })

  it('makes one asset, of its tenant, with its own profile and metadata, whatever the browser says', async () => {
    const token = await tokenOf({ profile: 'fast', metadata: { user: 7 }, accept: ['video/*'] })
    const first = await send(token, { profile: 'uhd', metadata: '{"user":1,"title":"x"}' })
    expect(first.statusCode).toBe(202)
    expect(first.json()).toMatchObject({ profile: 'fast', metadata: { user: 7, title: 'x' } })
    const mine = await keyed.keyFor('acme', ['assets'])
    const seen = await keyed.app.inject({ url: `/v1/assets/${first.json().id}`, headers: bearer(mine) })
    expect(seen.statusCode).toBe(200)
    expect((await send(token)).json()).toMatchObject({ code: 'upload_token_used', status: 403 })
  })

  it('used by twenty at once makes one asset', async () => {
    const token = await tokenOf()
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(token)))
    expect(answers.filter((answer) => answer.statusCode === 202)).toHaveLength(1)
    expect(answers.filter((answer) => answer.json().code === 'upload_token_used')).toHaveLength(19)
  })

  it('opens nothing but the door for uploads', async () => {
    const token = await tokenOf()
    const { id } = (await send(token)).json()
    const asked = ['/v1/assets', `/v1/assets/${id}`, `/v1/assets/${id}/tasks`]
    for (const url of asked)
      expect((await keyed.app.inject({ url, headers: bearer(token) })).json()).toMatchObject({ code: 'forbidden' })
    const payload = { source: { url: 'https://example.com/a.mp4' } }
    const address = await keyed.app.inject({ method: 'POST', url: '/v1/assets', headers: bearer(token), payload })
    expect(address.json()).toMatchObject({ code: 'forbidden' })
  })

  it('whose time is over is refused like a wrong key', async () => {
    const token = await tokenOf({ expiresIn: 1 })
    const wrong = (await send(`slu_${'x'.repeat(32)}`)).json()
    const answer = () => send(token).then((one) => one.json())
    await keyed.house.db
      .updateTable('upload_tokens')
      .set({ expires_at: new Date(Date.now() - 1_000) })
      .execute()
    expect({ ...(await answer()), requestId: '' }).toEqual({ ...wrong, requestId: '' })
  })

  it('bounds how many bytes may come, and of which type', async () => {
    expect((await send(await tokenOf({ maxBytes: 5 }))).json()).toMatchObject({ code: 'too_large' })
    const pictures = await tokenOf({ accept: ['image/*'] })
    expect((await send(pictures)).json()).toMatchObject({ code: 'type_not_accepted', status: 422 })
    const unsaid = await send(pictures, {}, 'application/octet-stream')
    expect(unsaid.statusCode).toBe(202)
    const id = unsaid.json().id
    const row = await keyed.house.db
      .selectFrom('assets')
      .select('accept')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    expect(row.accept).toEqual(['image/*'])
  })

  it('lets its holder decide nothing that is the backend’s to decide', async () => {
    for (const fields of [{ externalId: 'order-1' }, { priority: 'high' }, { webhookUrl: 'https://evil.example' }])
      expect((await send(await tokenOf(), fields)).json()).toMatchObject({ code: 'invalid_request' })
  })
})

describe('the types that an upload token allows', () => {
  const picture = async () => {
    const file = `${await tempFolder()}/holiday.mp4`
    await writeFile(file, await plainImage({ width: 64, height: 64, color: '#0a0', format: 'png' }))
    return file
  }
  it.each([
    [['video/*'], 'failed', 'type_not_accepted'],
    [['image/jpeg', 'audio/*'], 'failed', 'type_not_accepted'],
    [['image/png'], 'ready', undefined],
    [['image/*'], 'ready', undefined],
  ])('are held against the bytes, whatever they are called: %j', async (accept, status, code) => {
    const house = await testHouse()
    const { id } = await createUploadToken(house.db, { tenant: 'default', expiresIn: 60, maxBytes: 1e6, accept })
    const asset = await runThrough(house, await picture(), { token: { id, accept } })
    expect(asset).toMatchObject({ status, error: code === undefined ? null : { code, retryable: false } })
  })
})
