import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildApp } from '../api/app.ts'
import { viewAssets } from '../core/db/asset-views.ts'
import { createKey } from '../core/db/keys.ts'
import { newId } from '../core/ids.ts'
import { cornersJpeg } from '../fixtures/images.ts'
import { makeClip } from '../fixtures/make.ts'
import { makeSound } from '../fixtures/sounds.ts'
import { ingestPayload } from '../queues/index.ts'
import { ingestJob } from '../workers/ingest/ingest-job.ts'
import type { TestApp } from './setup/app.ts'
import { atEnd } from './setup/at-end.ts'
import { readAsset, type TestHouse } from './setup/house.ts'
import { runTasks } from './setup/run-through.ts'
import { tempFolder } from './setup/temp-folder.ts'

/** A place of its owner's: not written by us, and ours in which our assets lie. */
export type Shelf = {
  address(key: string): string
  write(key: string, bytes: Buffer): Promise<void>
  read(key: string): Promise<Buffer | undefined>
  remove(key: string): Promise<void>
}
export type ObjectPlaces = { house: TestHouse; listed: Shelf; own: Shelf; unlisted: string }

/** Media that lies in storage already: the same wherever that is. */
export function objectSuite(way: { name: string; open(): Promise<ObjectPlaces> }): void {
  describe(`an object that lies ${way.name}`, () => {
    let places: ObjectPlaces
    let house: TestHouse
    let app: TestApp
    let folder: string
    beforeAll(async () => {
      ;[places, folder] = await Promise.all([way.open(), tempFolder()])
      house = places.house
      app = await buildApp(house)
      atEnd(() => app.close())
    })

    const send = (object: string, wishes: object = {}) =>
      app.inject({
        method: 'POST',
        url: '/v1/assets',
        headers: { host: 'localhost' },
        payload: { source: { object }, ...wishes },
      })
    const view = async (id: string) => {
      const [seen] = await viewAssets(house.db, house.storage, [await readAsset(house, id)])
      if (seen === undefined) throw new Error(`asset ${id} cannot be seen`)
      return seen
    }
    const run = async (object: string, wishes: object = {}) => {
      const answer = await send(object, wishes)
      expect(answer.statusCode, answer.body).toBe(202)
      const { id } = answer.json()
      await runTasks(house, id)
      return view(id)
    }
    const outputKey = async (id: string, role: 'image' | 'audio') => {
      const of = house.db
        .selectFrom('outputs')
        .select('storage_key')
        .where('asset_id', '=', id)
        .where('role', '=', role)
      return (await of.where('name', '=', 'original').executeTakeFirstOrThrow()).storage_key
    }
    const stored = async (key: string) => Buffer.concat(await (await house.storage.get(key)).toArray())

    it('becomes a ready picture; it stays where it is when the asset is deleted', async () => {
      const bytes = await cornersJpeg({ width: 320, height: 200, orientation: 1 })
      await places.listed.write('pictures/cat 1.jpg', bytes)
      const asset = await run(places.listed.address('pictures/cat 1.jpg'))
      expect(asset).toMatchObject({
        ...{ kind: 'image', status: 'ready' },
        source: {
          type: 'object',
          object: places.listed.address('pictures/cat 1.jpg'),
          filename: 'cat 1.jpg',
          bytes: bytes.length,
          receivedBytes: bytes.length,
        },
      })
      expect(asset.thumbnails).toHaveLength(3)
      expect(asset.source.sha256).toBe(createHash('sha256').update(bytes).digest('hex'))
      expect(await stored(await outputKey(asset.id, 'image'))).toEqual(bytes)
      await app.inject({ method: 'DELETE', url: `/v1/assets/${asset.id}`, headers: { host: 'localhost' } })
      await runTasks(house, asset.id)
      const left = await Array.fromAsync(house.storage.list(`default/${asset.id}`))
      expect(left).toEqual([])
      expect(await places.listed.read('pictures/cat 1.jpg')).toEqual(bytes)
    })

    it('becomes a ready sound, whose original is a copy of its own', async () => {
      const bytes = await readFile(await makeSound({ folder, file: 'memo.mp3', source: 'sine=d=1' }))
      await places.listed.write('memo.mp3', bytes)
      const asset = await run(places.listed.address('memo.mp3'))
      expect(asset).toMatchObject({ kind: 'audio', status: 'ready', audio: { format: 'm4a' } })
      await places.listed.write('memo.mp3', Buffer.from('written over'))
      expect(await stored(await outputKey(asset.id, 'audio'))).toEqual(bytes)
    })

    it('becomes a ready video, also from our own storage', async () => {
      const bytes = await readFile(await makeClip({ name: 'odd', folder }))
      await places.own.write('incoming/odd.mp4', bytes)
      const asset = await run(places.own.address('incoming/odd.mp4'), { profile: 'fast' })
      expect(asset).toMatchObject({ kind: 'video', status: 'ready', playable: true })
      expect(await places.own.read('incoming/odd.mp4')).toEqual(bytes)
      expect((await app.inject({ url: '/media/incoming/odd.mp4' })).statusCode).toBe(404)
    })

    it('comes in by the queue too, and by its external id but once', async () => {
      await places.listed.write('queued.jpg', await cornersJpeg({ width: 64, height: 64, orientation: 1 }))
      const data = ingestPayload.parse({
        source: { object: places.listed.address('queued.jpg') },
        externalId: 'queued',
      })
      const ids = await Promise.all([1, 2].map((n) => ingestJob({ house, job: { id: `${n}`, timestamp: n, data } })))
      expect(ids[0]).toBe(ids[1])
      expect(await readAsset(house, ids[0] ?? '')).toMatchObject({ source_type: 'object', status: 'queued' })
    })

    it('comes in by a batch too; one that is not there yet may be there when the same call comes again', async () => {
      const items = ['batch-1.jpg', 'batch-2.jpg'].map((key) => ({ source: { object: places.listed.address(key) } }))
      const bytes = await cornersJpeg({ width: 64, height: 64, orientation: 1 })
      await places.listed.write('batch-1.jpg', bytes)
      const headers = { host: 'localhost', 'idempotency-key': 'a-batch' }
      const batch = () => app.inject({ method: 'POST', url: '/v1/assets/batch', headers, payload: { items } })
      const [first, missing] = (await batch()).json().data
      expect([first.status, missing.code]).toEqual(['queued', 'source_unavailable'])
      await places.listed.write('batch-2.jpg', bytes)
      const again = await batch()
      const [same, there] = again.json().data
      expect([same.id, there.status]).toEqual([first.id, 'queued'])
      expect(again.headers).not.toHaveProperty('idempotent-replayed')
      expect((await batch()).body).toBe(again.body)
    })

    it('that is not there, or another tenant’s, or not yet whole, gets one answer', async () => {
      await createKey(house.db, { tenant: 'other', name: 'test', scopes: ['assets'] })
      const [mine, theirs] = [newId(), newId()]
      const keys = [
        `other/${theirs}/source/a.jpg`,
        `other/${theirs}/g1/images/original.jpg`,
        'other/legacy.jpg',
        `nobody/${theirs}/source/a.jpg`,
        `default/${mine}/upload/0`,
        'sluice-check/a.json',
      ]
      const bytes = await cornersJpeg({ width: 64, height: 64, orientation: 1 })
      for (const key of keys) await places.own.write(key, bytes)
      const { requestId: _, ...missing } = (await send(places.own.address('incoming/none.jpg'))).json()
      expect(missing).toMatchObject({ status: 422, code: 'source_unavailable' })
      for (const key of keys) expect((await send(places.own.address(key))).json(), key).toMatchObject(missing)
      await places.own.write(`default/${mine}/source/a.jpg`, bytes)
      expect((await send(places.own.address(`default/${mine}/source/a.jpg`))).statusCode).toBe(202)
      for (const key of [...keys, `default/${mine}/source/a.jpg`]) await places.own.remove(key)
    })

    it('in a place that is not listed is refused, whether it is there or not', async () => {
      for (const object of [places.unlisted, `${places.unlisted}-not`])
        expect((await send(object)).json()).toMatchObject({ status: 422, code: 'source_not_allowed' })
    })

    it.each(['', '../other/a.jpg', 'a/../../b.jpg', 'a/./b.jpg', 'a//b.jpg', '.tmp/a', 'a/', 'a\u0000b'])(
      'by the key %j is refused',
      async (key) => {
        const { code } = (await send(`${places.own.address('').replace(/\/$/, '')}/${key}`)).json()
        expect(['source_not_allowed', 'source_unavailable', 'invalid_request']).toContain(code)
      },
    )

    it.each([
      ['changed', 'source_changed', (key: string) => places.listed.write(key, Buffer.from('other bytes'))],
      ['taken away', 'source_unavailable', (key: string) => places.listed.remove(key)],
    ])('that is %s after it was accepted fails its asset with a code for that', async (what, code, change) => {
      const key = `${what}.jpg`
      await places.listed.write(key, await cornersJpeg({ width: 64, height: 64, orientation: 1 }))
      const { id } = (await send(places.listed.address(key))).json()
      await change(key)
      await runTasks(house, id)
      expect(await view(id)).toMatchObject({ status: 'failed', error: { code } })
    })

    it('takes no room of ours, so none of the quota', async () => {
      await places.listed.write('counted.jpg', await cornersJpeg({ width: 64, height: 64, orientation: 1 }))
      const sum = async () =>
        (await house.db.selectFrom('stored_bytes').select('bytes').where('tenant', '=', 'default').execute()).length
      const before = await sum()
      await send(places.listed.address('counted.jpg'))
      expect(await sum()).toBe(before)
    })
  })
}
