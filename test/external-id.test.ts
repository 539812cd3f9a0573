import { randomUUID } from 'node:crypto'
import type { KyselyPlugin } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildApp } from '../api/app.ts'
import { acceptAsset } from '../core/accept.ts'
import { deleteAsset } from '../core/db/asset-endings.ts'
import { ingestJob } from '../workers/ingest/ingest-job.ts'
import { atEnd } from './setup/at-end.ts'
import { type TestHouse, testHouse } from './setup/house.ts'
import { neighbourOf } from './setup/neighbour.ts'

type App = Awaited<ReturnType<typeof buildApp>>
let house: TestHouse
let apps: App[]

beforeAll(async () => {
  house = await testHouse()
  for (const each of [house, neighbourOf(house)]) {
    const app = await buildApp(each)
    atEnd(() => app.close())
    apps = [...(apps ?? []), app]
  }
})

const call = (method: 'POST' | 'DELETE', url: string, payload?: object, app = 0) =>
  (apps[app] as App).inject({ method, url, headers: { host: 'localhost' }, ...(payload ? { payload } : {}) })
const post = (externalId: string, { app = 0, url = 'https://example.com/cat.mp4' } = {}) =>
  call('POST', '/v1/assets', { source: { url }, externalId }, app)
const job = (externalId: string, n: number) =>
  ingestJob({
    house,
    job: { id: String(n), timestamp: 1, data: { source: { url: 'https://example.com/cat.mp4' }, externalId } },
  })
const rowsOf = (externalId: string) =>
  house.db.selectFrom('assets').selectAll().where('external_id', '=', externalId).execute()

describe('an external id', () => {
  it('that is known gives the asset that is there, and says so; another source changes nothing', async () => {
    const externalId = randomUUID()
    const first = await post(externalId)
    expect(first.headers).not.toHaveProperty('asset-existed')
    const again = await post(externalId, { url: 'https://example.com/dog.mp4' })
    expect(again.statusCode).toBe(202)
    expect(again.headers).toMatchObject({ 'asset-existed': 'true', location: first.headers['location'] })
    expect(again.json()).toEqual(first.json())
  })

  it('makes a new asset after the deletion of the one before', async () => {
    const externalId = randomUUID()
    const { id } = (await post(externalId)).json()
    await call('DELETE', `/v1/assets/${id}`)
    const again = await post(externalId)
    expect(again.json().id).not.toBe(id)
    expect(again.headers).not.toHaveProperty('asset-existed')
  })

  it('sent a hundred times at once, by two processes and by the queue, makes one asset', async () => {
    const externalId = randomUUID()
    const ids = await Promise.all(
      Array.from({ length: 100 }, async (_, n) =>
        n % 3 === 0 ? job(externalId, n) : (await post(externalId, { app: n % 2 })).json().id,
      ),
    )
    expect(new Set(ids).size).toBe(1)
    const [row, ...more] = await rowsOf(externalId)
    expect(more).toEqual([])
    const events = await house.db
      .selectFrom('events')
      .select('type')
      .where('asset_id', '=', row?.id ?? '')
      .execute()
    expect(events).toEqual([{ type: 'asset.created' }])
  })

  it('raced by deletions always gives an asset, never a failure, and leaves at most one', async () => {
    const externalId = randomUUID()
    const statuses = new Set<number>()
    const caller = async (_: unknown, n: number) => {
      for (let round = 0; round < 8; round++) {
        const made = await post(externalId, { app: n % 2 })
        statuses.add(made.statusCode)
        statuses.add((await call('DELETE', `/v1/assets/${made.json().id}`, undefined, (n + round) % 2)).statusCode)
      }
    }
    await Promise.all(Array.from({ length: 20 }, caller))
    expect(statuses).toEqual(new Set([202, 204, 404]))
    const rows = await rowsOf(externalId)
    expect(rows.length).toBeGreaterThan(8)
    expect(rows.filter((row) => row.deleted_at === null)).toEqual([])
  })
})

describe('an asset that is deleted in the moment in which it was found to be there', () => {
  it('makes room for a new one', async () => {
    const externalId = randomUUID()
    const { id } = (await post(externalId)).json()
    const between: KyselyPlugin = {
      transformQuery: ({ node }) => node,
      async transformResult({ result }) {
        if (result.rows.length === 0) await deleteAsset(house.db, { id, tenant: 'default' })
        return result
      },
    }
    const source = { type: 'url' as const, url: 'https://example.com/cat.mp4' }
    const hindered = { ...house, db: house.db.withPlugin(between) }
    const made = await acceptAsset(hindered, { tenant: 'default', externalId, source })
    expect(made.created).toBe(true)
    expect(made.asset.id).not.toBe(id)
  })
})

describe('a job of the queue', () => {
  it('delivered fifty times makes one asset, also without an external id', async () => {
    const data = { source: { url: 'https://example.com/once.mp4' } }
    const jobOnce = { id: '77', timestamp: 123, data }
    const ids = await Promise.all(Array.from({ length: 50 }, () => ingestJob({ house, job: jobOnce })))
    expect(new Set(ids).size).toBe(1)
  })
})
