import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { endUpload, holdUploadsOf } from '../../core/db/uploads.ts'
import { tidyUploads } from '../../workers/upkeep/uploads.ts'
import { endTimeOf } from '../setup/end-time.ts'
import { waitingForLocks } from '../setup/waiting-for-locks.ts'
import { type ChunkDesk, chunkBytes } from './chunk-desk.ts'

/** However an upload ends without its file, nothing of it stays. */
export function uploadsEnd(desk: ChunkDesk): void {
  const { begin, call, eventsOf, put, stored } = desk

  it('whose time is over answers 410, fails its asset, and leaves nothing', async () => {
    const id = await begin(2 * chunkBytes)
    expect((await put(id, 0, randomBytes(chunkBytes))).status).toBe(204)
    expect(await stored(id)).toHaveLength(1)
    await endTimeOf(desk.house, id)
    const over = { status: 410, body: { code: 'upload_expired' } }
    expect(await call('GET', `/v1/uploads/${id}`)).toMatchObject(over)
    expect(await put(id, 1, randomBytes(chunkBytes))).toMatchObject(over)
    expect(await call('POST', `/v1/uploads/${id}/complete`)).toMatchObject(over)
    expect(await call('DELETE', `/v1/uploads/${id}`)).toMatchObject(over)
    await tidyUploads(desk.house)
    expect((await call('GET', `/v1/assets/${id}`)).body).toMatchObject({
      status: 'failed',
      error: { code: 'upload_expired', retryable: false },
    })
    expect(await stored(id)).toEqual([])
    expect(await eventsOf(id)).toEqual(['asset.created', 'asset.failed'])
  })

  it.each([
    ['is given up', (id: string) => call('DELETE', `/v1/uploads/${id}`), 204],
    ['is cancelled with its asset', (id: string) => call('POST', `/v1/assets/${id}/cancel`), 200],
    ['is deleted with its asset', (id: string) => call('DELETE', `/v1/assets/${id}`), 204],
  ])('that %s answers 410 from then on, and leaves nothing', async (_what, end, status) => {
    const id = await begin(2 * chunkBytes)
    await put(id, 0, randomBytes(chunkBytes))
    expect((await end(id)).status).toBe(status)
    const over = { status: 410, body: { code: 'upload_expired' } }
    expect(await call('GET', `/v1/uploads/${id}`)).toMatchObject(over)
    expect(await put(id, 1, randomBytes(chunkBytes))).toMatchObject(over)
    expect(await call('POST', `/v1/uploads/${id}/complete`)).toMatchObject(over)
    await tidyUploads(desk.house)
    expect(await stored(id)).toEqual([])
  })

  it('that is given up in the moment in which it is completed is not said to be complete', async () => {
    const id = await begin(chunkBytes)
    await put(id, 0, randomBytes(chunkBytes))
    const { db } = desk.house
    const late = await db.transaction().execute(async (trx) => {
      await holdUploadsOf(trx, id)
      const answer = call('POST', `/v1/uploads/${id}/complete`)
      await waitingForLocks(db, { many: 1, like: 'update "uploads"%' })
      await endUpload(trx, { id, status: 'gone' })
      await trx.updateTable('assets').set({ status: 'cancelled' }).where('id', '=', id).execute()
      return { answer }
    })
    expect(await late.answer).toMatchObject({ status: 410, body: { code: 'upload_expired' } })
    await tidyUploads(desk.house)
  })

  it('cancelled while chunks pour in and it is completed ends one way or the other, and never in a deadlock', async () => {
    for (let round = 0; round < 5; round++) {
      const id = await begin(8 * chunkBytes)
      const bytes = Buffer.alloc(chunkBytes, round)
      const puts = [...Array(8).keys()].map((index) => put(id, index, bytes, {}, desk.urls[index % 2]))
      const rivals = [
        call('POST', `/v1/assets/${id}/cancel`),
        call('POST', `/v1/uploads/${id}/complete`, undefined, desk.urls[1]),
      ]
      const answers = await Promise.all([...puts, ...rivals])
      for (const { status } of answers) expect([200, 202, 204, 409, 410]).toContain(status)
    }
  })
}
