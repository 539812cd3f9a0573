import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { createKey } from '../../core/db/keys.ts'
import { type ChunkDesk, chunkBytes } from './chunk-desk.ts'

/** Who may begin what, and whose it is then. */
export function uploadsBegin(desk: ChunkDesk): void {
  const { begin, call, put, serve } = desk

  it.each([
    [{ bytes: 0 }, 400, 'invalid_request'],
    [{ bytes: -1 }, 400, 'invalid_request'],
    [{ bytes: 1.5 }, 400, 'invalid_request'],
    [{ bytes: '10' }, 400, 'invalid_request'],
    [{ bytes: 2 ** 60 }, 400, 'invalid_request'],
    [{ bytes: 11 * 2 ** 30 }, 413, 'too_large'],
    [{ chunkBytes: chunkBytes - 1 }, 400, 'invalid_request'],
    [{ chunkBytes: 100 * 2 ** 20 + 1 }, 400, 'invalid_request'],
    [{ sha256: 'abc' }, 400, 'invalid_request'],
    [{ filename: '' }, 400, 'invalid_request'],
    [{ profile: 'none-such' }, 400, 'invalid_request'],
    [{ colour: 'red' }, 400, 'invalid_request'],
  ])('with %j is refused', async (wrong, status, code) => {
    const wish = { filename: 'a.mp4', bytes: 1_000, ...wrong }
    expect(await call('POST', '/v1/uploads', wish)).toMatchObject({ status, body: { code } })
  })

  it('in too many chunks is refused with the size that would do', async () => {
    const url = await serve({ MAX_UPLOAD_BYTES: 2 ** 50 })
    const wish = { filename: 'a.mp4', bytes: 2 ** 40, chunkBytes }
    const answer = await call('POST', '/v1/uploads', wish, url)
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } })
    const least = Number(/(\d+) bytes or more/.exec(answer.body.detail)?.[1])
    expect((await call('POST', '/v1/uploads', { ...wish, chunkBytes: least }, url)).body.chunks).toBe(100_000)
    const usual = await call('POST', '/v1/uploads', { filename: 'a.mp4', bytes: 2 ** 40 }, url)
    expect(usual.body).toMatchObject({ chunkBytes: 11 * 2 ** 20 })
  })

  it('begun again under its external id goes on; another thing under that id is refused with the asset it stands for', async () => {
    const id = await begin(2 * chunkBytes, { externalId: 'again-1' })
    await put(id, 1, randomBytes(chunkBytes))
    const wish = { filename: 'film.mp4', bytes: 2 * chunkBytes, externalId: 'again-1' }
    expect(await call('POST', '/v1/uploads', wish)).toMatchObject({
      status: 200,
      body: { id, chunkBytes, missing: [[0, 0]] },
    })
    expect(await call('POST', '/v1/uploads', { ...wish, bytes: 7 })).toMatchObject({
      status: 409,
      body: { code: 'conflict', assetId: id },
    })
  })

  it('of another tenant is as absent as one that never was, to every call', async () => {
    const url = await serve({ AUTH: 'keys' })
    const bearer = async (tenant: string, scope: 'uploads' | 'webhooks' = 'uploads') => {
      const { secret } = await createKey(desk.house.db, { tenant, name: 'test', scopes: [scope] })
      return { authorization: `Bearer ${secret}`, 'content-type': 'application/json' }
    }
    const [mine, theirs] = [await bearer('mine'), await bearer('theirs')]
    const ask = async (
      headers: Record<string, string>,
      method: string,
      path: string,
      body?: string,
    ): Promise<Record<string, unknown>> => {
      const answer = await fetch(`${url}${path}`, { method, headers, ...(body === undefined ? {} : { body }) })
      const { requestId: _, ...rest } = (await answer.json()) as Record<string, string>
      return { ...rest, status: answer.status }
    }
    const made = await ask(mine, 'POST', '/v1/uploads', JSON.stringify({ filename: 'a', bytes: 5 }))
    const calls = (id: string): [string, string, string?][] => [
      ['GET', `/v1/uploads/${id}`],
      ['DELETE', `/v1/uploads/${id}`],
      ['POST', `/v1/uploads/${id}/complete`, '{}'],
      ['PUT', `/v1/uploads/${id}/chunks/0`, 'hello'],
    ]
    const absent = calls('01900000-0000-7000-8000-000000000000')
    for (const [at, [method, path, body]] of calls(String(made['id'])).entries()) {
      const [, nowhere = '', same] = absent[at] ?? []
      const { authorization, ...json } = theirs
      const headers = { authorization: authorization ?? '', ...(body === undefined ? {} : json) }
      const found = await ask(headers, method, path, body)
      expect(found, path).toMatchObject({ status: 404, code: 'not_found' })
      expect(await ask(headers, method, nowhere, same)).toEqual(found)
    }
    const wrongScope = await bearer('mine', 'webhooks')
    expect(await ask(wrongScope, 'GET', `/v1/uploads/${made['id']}`)).toMatchObject({
      status: 403,
      code: 'forbidden',
    })
    expect(await ask({}, 'GET', `/v1/uploads/${made['id']}`)).toMatchObject({ status: 401, code: 'unauthorized' })
  })
}
