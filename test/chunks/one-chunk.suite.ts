import { createHash, randomBytes } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { expect, it } from 'vitest'
import { type ChunkDesk, chunkBytes, digest } from './chunk-desk.ts'

/** What becomes of one chunk: taken once, or refused without a trace. */
export function oneChunkComes(desk: ChunkDesk): void {
  const { begin, call, put, settle, sourceOf, stored } = desk

  it.each([
    ['a byte too few', randomBytes(chunkBytes - 1), {}, 400, 'invalid_request'],
    ['a byte too many', randomBytes(chunkBytes + 1), {}, 400, 'invalid_request'],
    ['far too many', randomBytes(40 * chunkBytes), {}, 400, 'invalid_request'],
    ['nothing', Buffer.alloc(0), {}, 400, 'invalid_request'],
    [
      'another digest',
      randomBytes(chunkBytes),
      { 'content-digest': digest(Buffer.from('x')) },
      422,
      'checksum_mismatch',
    ],
    [
      'another digest of sha-512',
      randomBytes(chunkBytes),
      { 'content-digest': `sha-512=:${createHash('sha512').update('x').digest('base64')}:` },
      422,
      'checksum_mismatch',
    ],
    [
      'a digest that cannot be read',
      randomBytes(chunkBytes),
      { 'content-digest': 'sha-256=abc' },
      400,
      'invalid_request',
    ],
  ] as [string, Buffer, Record<string, string>, number, string][])(
    'a chunk with %s is refused, said or streamed, and nothing of it is kept',
    async (_what, bytes, headers, status, code) => {
      const id = await begin(3 * chunkBytes)
      expect(await put(id, 1, bytes, headers)).toMatchObject({ status, body: { code } })
      const body = new ReadableStream({
        start(controller) {
          if (bytes.length > 0) controller.enqueue(new Uint8Array(bytes))
          controller.close()
        },
      })
      const streamed = await fetch(`${desk.urls[0]}/v1/uploads/${id}/chunks/1`, {
        method: 'PUT',
        body,
        headers,
        duplex: 'half',
      })
      expect([streamed.status, ((await streamed.json()) as { code: string }).code]).toEqual([status, code])
      expect(await stored(id)).toEqual([])
      expect((await call('GET', `/v1/uploads/${id}`)).body).toMatchObject({ missing: [[0, 2]], receivedBytes: 0 })
    },
  )

  it('a chunk stands as it first came: the same again is fine, other bytes are not', async () => {
    const id = await begin(2 * chunkBytes)
    const bytes = randomBytes(chunkBytes)
    expect((await put(id, 0, bytes)).status).toBe(204)
    expect((await put(id, 0, bytes)).status).toBe(204)
    expect(await put(id, 0, randomBytes(chunkBytes))).toMatchObject({ status: 409, body: { code: 'conflict' } })
    const rivals = await Promise.all(
      [1, 2, 3, 4].map((n) => put(id, 1, Buffer.alloc(chunkBytes, n), {}, desk.urls[n % 2])),
    )
    expect(rivals.map(({ status }) => status).sort()).toEqual([204, 409, 409, 409])
    expect(await stored(id)).toHaveLength(2)
    const winner = rivals.findIndex(({ status }) => status === 204) + 1
    await call('POST', `/v1/uploads/${id}/complete`)
    await settle(id)
    expect((await sourceOf(id)).equals(Buffer.concat([bytes, Buffer.alloc(chunkBytes, winner)]))).toBe(true)
  })

  it('whose sender hangs up in the middle of a chunk leaves nothing behind, and takes it again', async () => {
    const id = await begin(chunkBytes)
    const sending = httpRequest(`${desk.urls[0]}/v1/uploads/${id}/chunks/0`, {
      method: 'PUT',
      headers: { 'content-length': chunkBytes },
    })
    sending.on('error', () => sending.destroy())
    await new Promise((resolve) => sending.write(Buffer.alloc(chunkBytes / 2), resolve))
    sending.destroy()
    await call('GET', `/v1/uploads/${id}`)
    expect(await stored(id)).toEqual([])
    const bytes = randomBytes(chunkBytes)
    expect((await put(id, 0, bytes)).status).toBe(204)
    expect(await stored(id)).toHaveLength(1)
  })
}
