import { openAsBlob } from 'node:fs'
import { readdir } from 'node:fs/promises'
import pg from 'pg'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { makeClip } from '../fixtures/make.ts'
import { type LiveHouse, liveHouse } from './setup/live-house.ts'
import { processesOn } from './setup/spawned-up.ts'
import { tempFolder } from './setup/temp-folder.ts'

type Backend = { name: string; queueUrl(): string | undefined; lose(house: LiveHouse): Promise<void> }

/** Killed workers and emptied queues, in the middle of an encode: the asset becomes ready all the same, once. */
export function survivalSuite(backend: Backend): void {
  describe(`with the queue on ${backend.name}`, () => {
    let house: LiveHouse
    let film: Blob
    beforeAll(async () => {
      const queueUrl = backend.queueUrl()
      house = await liveHouse({ quick: true, ...(queueUrl === undefined ? {} : { queueUrl }) })
      film = await openAsBlob(await makeClip({ name: 'chunks', folder: await tempFolder() }))
    })

    async function query<Row>(text: string, values: unknown[]): Promise<Row[]> {
      const client = new pg.Client({ connectionString: house.databaseUrl })
      await client.connect()
      try {
        return (await client.query(text, values)).rows
      } finally {
        await client.end()
      }
    }
    const encoding = (assetId: string) =>
      vi.waitFor(
        async () => {
          const running = await query('SELECT 1 FROM tasks WHERE asset_id = $1 AND key LIKE $2 AND status = $3', [
            assetId,
            'encode:%',
            'running',
          ])
          expect(running.length).toBeGreaterThan(0)
        },
        { interval: 20 },
      )
    async function readyOnce(assetId: string): Promise<void> {
      const asset = await house.client.waitUntilReady(assetId, { everyMs: 200, signal: AbortSignal.timeout(100_000) })
      expect(asset).toMatchObject({ status: 'ready', playable: true, media: { duration: 21 } })
      const events = await query<{ type: string }>('SELECT type FROM events WHERE asset_id = $1 ORDER BY sequence', [
        assetId,
      ])
      expect(events.map((event) => event.type)).toEqual([
        'asset.created',
        'asset.uploaded',
        'asset.playable',
        'asset.ready',
      ])
    }

    it('a worker killed with SIGKILL in the middle of an encode: another takes over, no ffmpeg is left behind', async () => {
      const doomed = await house.worker()
      const { id } = await house.client.uploadFile(film, { filename: 'film.mp4' })
      await encoding(id)
      doomed.kill('SIGKILL')
      expect(await doomed.ended).toBe('SIGKILL')
      await vi.waitFor(async () =>
        expect((await processesOn(`${house.folder}/scratch`)).filter((one) => /ffmpeg/.test(one))).toEqual([]),
      )
      const second = await house.worker()
      await readyOnce(id)
      const tasks = await query<{ crashes: number }>('SELECT crashes FROM tasks WHERE asset_id = $1 AND crashes > 0', [
        id,
      ])
      expect(tasks.length).toBeGreaterThan(0)
      second.kill('SIGTERM')
      expect(await second.ended).toBe(0)
    })

    it('the queue emptied in the middle: what it forgot is sent anew', async () => {
      const worker = await house.worker()
      const { id } = await house.client.uploadFile(film, { filename: 'film.mp4' })
      await encoding(id)
      await backend.lose(house)
      await readyOnce(id)
      worker.kill('SIGTERM')
      expect(await worker.ended).toBe(0)
    })

    it('a worker told to stop hands its encode back at once: nothing is counted, and the next goes on', async () => {
      const polite = await house.worker()
      const { id } = await house.client.uploadFile(film, { filename: 'film.mp4' })
      await encoding(id)
      polite.kill('SIGTERM')
      expect(await polite.ended).toBe(0)
      const left = await query('SELECT 1 FROM tasks WHERE asset_id = $1 AND (status = $2 OR crashes + failures > 0)', [
        id,
        'running',
      ])
      expect(left).toEqual([])
      const next = await house.worker()
      await readyOnce(id)
      next.kill('SIGTERM')
      expect(await next.ended).toBe(0)
      // The sources that its workers share are kept; they may be asked for again.
      expect(await readdir(`${house.folder}/scratch`)).toEqual(['sources'])
    })
  })
}
