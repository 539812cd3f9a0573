import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import pg from 'pg'
import { expect, it, vi } from 'vitest'
import { makeClip } from '../fixtures/make.ts'
import { liveHouse } from './setup/live-house.ts'
import { tempFolder } from './setup/temp-folder.ts'

const MiB = 2 ** 20
const chunkBytes = 8 * MiB

/** A film with room behind it, so that joining its chunks takes a while. */
async function largeFilm(): Promise<Buffer> {
  const film = await readFile(await makeClip({ name: 'tone5s', folder: await tempFolder() }))
  const room = Buffer.alloc(96 * MiB)
  room.writeUInt32BE(room.length, 0)
  room.write('free', 4)
  return Buffer.concat([film, room])
}

it('a worker killed with SIGKILL in the middle of joining chunks: the next makes the whole film ready, byte for byte', async () => {
  const house = await liveHouse({ quick: true })
  const db = new pg.Client({ connectionString: house.databaseUrl })
  await db.connect()
  const film = await largeFilm()
  const sha256 = createHash('sha256').update(film).digest('hex')
  try {
    const post = async (path: string, body: unknown) => {
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(`${house.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
      return (await answer.json()) as { id: string; chunks: number }
    }
    const { id, chunks } = await post('/v1/uploads', { filename: 'film.mp4', bytes: film.length, chunkBytes, sha256 })
    const puts = Array.from({ length: chunks }, (_, index) =>
      fetch(`${house.url}/v1/uploads/${id}/chunks/${index}`, {
        method: 'PUT',
        body: new Uint8Array(film.subarray(index * chunkBytes, (index + 1) * chunkBytes)),
      }),
    )
    for (const answer of await Promise.all(puts)) expect(answer.status).toBe(204)
    const doomed = await house.worker()
    await post(`/v1/uploads/${id}/complete`, {})
    const seal = async () =>
      (await db.query('SELECT status, crashes FROM tasks WHERE asset_id = $1 AND key = $2', [id, 'seal'])).rows[0]
    await vi.waitFor(async () => expect(await seal()).toMatchObject({ status: 'running' }), { interval: 5 })
    doomed.kill('SIGKILL')
    expect(await doomed.ended).toBe('SIGKILL')
    expect(await seal()).toMatchObject({ status: 'running' })

    await house.worker()
    const asset = await house.client.waitUntilReady(id, { everyMs: 200, signal: AbortSignal.timeout(100_000) })
    expect(asset).toMatchObject({ status: 'ready', kind: 'video', source: { sha256, bytes: film.length } })
    expect(await seal()).toEqual({ status: 'done', crashes: 1 })
    await vi.waitFor(async () => {
      const { rows } = await db.query('SELECT FROM upload_pieces WHERE upload_id = $1', [id])
      expect(rows).toEqual([])
    })
    const { rows } = await db.query('SELECT type FROM events WHERE asset_id = $1 AND type = $2', [id, 'asset.uploaded'])
    expect(rows).toHaveLength(1)
  } finally {
    await db.end()
  }
})
