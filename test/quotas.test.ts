import { writeFile } from 'node:fs/promises'
import { sql } from 'kysely'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type AcceptingHouse, acceptAsset, type NewSource } from '../core/accept.ts'
import { deleteAsset } from '../core/db/asset-endings.ts'
import { checkQuotas, foreseeQuotas } from '../core/db/quotas.ts'
import { insertUpload } from '../core/db/uploads.ts'
import { newId } from '../core/ids.ts'
import { handlers } from '../workers/handlers.ts'
import { bearer, keyedApp, withSettings } from './setup/app.ts'
import { serveFolders } from './setup/folder-server.ts'
import { type TestHouse, testHouse } from './setup/house.ts'
import { runTasks } from './setup/run-through.ts'
import { tempFolder } from './setup/temp-folder.ts'

let base: TestHouse
/** Each test has one of its own. */
let tenant = ''
beforeEach(() => {
  tenant = `t-${newId()}`
})
beforeAll(async () => {
  base = await testHouse()
})
const houseWith = (env: Record<string, string>) => withSettings(base, env)

const stored = (bytes: number): NewSource => ({
  type: 'upload',
  key: `${tenant}/${newId()}/source/a`,
  bytes,
  sha256: 'x',
})
const address: NewSource = { type: 'url', url: 'https://example.com/a.mp4' }

async function attempts(house: AcceptingHouse, count: number, source: () => NewSource, whose = tenant) {
  const tries = Array.from({ length: count }, () => acceptAsset(house, { tenant: whose, source: source() }))
  const ends = await Promise.allSettled(tries)
  const refused = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []))
  return { taken: ends.length - refused.length, refused }
}

/** As the routes for uploads do it. */
async function begin(house: TestHouse, bytes: number) {
  return acceptAsset(house, { tenant, source: { type: 'awaited', bytes } }, async (trx, asset) => {
    await insertUpload(trx, {
      ...{ id: asset.id, tenant, asset_id: asset.id, protocol: 'chunks', bytes, max_bytes: 1e9, ttlSeconds: 60 },
      ...{ chunk_bytes: null, sha256: null, filename: null, metadata: null, token_id: null },
    })
  })
}

describe('a quota', () => {
  it('of stored bytes lets in exactly what fits, however many come at once', async () => {
    const house = houseWith({ QUOTA_STORED_BYTES: '1000' })
    const { taken, refused } = await attempts(house, 20, () => stored(130))
    expect(taken).toBe(7)
    for (const error of refused) expect(error).toMatchObject({ code: 'quota_exceeded', status: 413 })
    expect((await attempts(house, 3, () => stored(130), `${tenant}-other`)).taken).toBe(3)
    const rows = await house.db.selectFrom('assets').select(['id', 'tenant']).where('tenant', '=', tenant).execute()
    expect(rows).toHaveLength(7)
    for (const asset of rows.slice(0, 2)) await deleteAsset(house.db, asset)
    expect((await attempts(house, 20, () => stored(130))).taken).toBe(2)
  })

  it('of assets in an hour holds for addresses too, and says when there will be more', async () => {
    const house = houseWith({ QUOTA_ASSETS_PER_HOUR: '5' })
    const { taken, refused } = await attempts(house, 20, () => address)
    expect(taken).toBe(5)
    expect(refused[0]).toMatchObject({ code: 'quota_exceeded', status: 429 })
    expect(refused[0].retryAfterMs).toBeGreaterThan(3_500_000)
  })

  it('is not touched by what is known already', async () => {
    const house = houseWith({ QUOTA_ASSETS_PER_HOUR: '2' })
    const again = () => acceptAsset(house, { tenant, externalId: 'one', source: address })
    for (let n = 0; n < 5; n++) await again()
    expect((await attempts(house, 5, () => address)).taken).toBe(1)
  })

  it('of bytes on their way counts what was announced', async () => {
    const house = houseWith({ QUOTA_INFLIGHT_BYTES: '1000' })
    const ends = await Promise.allSettled(Array.from({ length: 20 }, () => begin(house, 400)))
    expect(ends.filter((end) => end.status === 'fulfilled')).toHaveLength(2)
    await house.db.updateTable('uploads').set({ status: 'gone' }).where('tenant', '=', tenant).execute()
    await begin(house, 900)
    await expect(begin(house, 200)).rejects.toMatchObject({ code: 'quota_exceeded', status: 413 })
  })

  it('of open uploads says when to come again', async () => {
    const house = houseWith({ QUOTA_OPEN_UPLOADS: '3' })
    const ends = await Promise.allSettled(Array.from({ length: 20 }, () => begin(house, 1)))
    expect(ends.filter((end) => end.status === 'fulfilled')).toHaveLength(3)
    await expect(begin(house, 1)).rejects.toMatchObject({ code: 'quota_exceeded', status: 429, retryAfterMs: 60_000 })
  })

  it('is not spent twice: bytes that were announced become bytes that are stored', async () => {
    const house = houseWith({ QUOTA_STORED_BYTES: '1000' })
    const { asset } = await begin(house, 900)
    await expect(begin(house, 200)).rejects.toMatchObject({ code: 'quota_exceeded' })
    await house.db.updateTable('uploads').set({ status: 'done' }).where('tenant', '=', tenant).execute()
    await house.db.updateTable('assets').set({ received_at: new Date() }).where('id', '=', asset.id).execute()
    await expect(begin(house, 200)).rejects.toMatchObject({ code: 'quota_exceeded' })
    await begin(house, 100)
  })
})

describe('what is fetched', () => {
  const fetchAll = async (house: TestHouse, count: number) => {
    const folder = await tempFolder()
    await writeFile(`${folder}/a.bin`, Buffer.alloc(600, 1))
    const url = `${await serveFolders({ files: folder })}/files/a.bin`
    const made = await Promise.all(
      Array.from({ length: count }, () => acceptAsset(house, { tenant, source: { type: 'url', url } })),
    )
    const recipes = { ...handlers, inspect: async () => ({ result: null, write: async () => [] }) }
    await Promise.all(made.map(({ asset }) => runTasks(house, asset.id, recipes)))
    const rows = house.db.selectFrom('assets').select(['received_at', 'error']).where('tenant', '=', tenant)
    return rows.execute()
  }
  const keys = async (house: TestHouse) => {
    const found: string[] = []
    for await (const { key } of house.storage.list(tenant)) found.push(key)
    return found
  }

  it('ends where the room does, and says so', async () => {
    const house = houseWith({ QUOTA_STORED_BYTES: '500', FETCH_ALLOW: '127.0.0.1' })
    const [asset] = await fetchAll(house, 1)
    expect(asset).toMatchObject({ received_at: null, error: { code: 'quota_exceeded', retryable: false } })
    expect(await keys(house)).toEqual([])
  })

  it('at once by several keeps no more than fits', async () => {
    const house = houseWith({ QUOTA_STORED_BYTES: '1300', FETCH_ALLOW: '127.0.0.1' })
    const assets = await fetchAll(house, 6)
    expect(assets.filter(({ received_at }) => received_at !== null)).toHaveLength(2)
    expect(assets.filter(({ error }) => error?.code === 'quota_exceeded')).toHaveLength(4)
    expect(await keys(house)).toHaveLength(2)
  })
})

it('a form that will not fit is refused before its bytes are read', async () => {
  const { house, app, keyFor } = await keyedApp({ QUOTA_STORED_BYTES: '2000' }, base)
  await attempts(house, 1, () => stored(1_500))
  const body = new FormData()
  body.append('file', new Blob([Buffer.alloc(1_000)]), 'a.mp4')
  const form = new Response(body)
  const answer = await app.inject({
    method: 'POST',
    url: '/v1/assets',
    headers: { ...bearer(await keyFor(tenant, ['assets'])), 'content-type': form.headers.get('content-type') ?? '' },
    payload: Buffer.from(await form.arrayBuffer()),
  })
  expect(answer.statusCode).toBe(413)
  expect(answer.json()).toMatchObject({ code: 'quota_exceeded', detail: expect.stringContaining('2000 bytes') })
})

it('adding up what a tenant has stays cheap after thousands of assets, and right', async () => {
  const house = houseWith({ QUOTA_STORED_BYTES: '1TiB' })
  await sql`
    INSERT INTO assets (id, tenant, status, profile, metadata, priority, visibility, source_type, source_bytes, received_at)
    SELECT gen_random_uuid(), ${tenant}, 'ready', 'default', '{}', 'normal', 'public', 'upload', n, now()
    FROM generate_series(1, 5000) AS n`.execute(house.db)
  await sql`UPDATE assets SET deleted_at = now() WHERE source_bytes % 2 = 0 AND tenant = ${tenant}`.execute(house.db)
  const { rows } = await sql<{ entries: number; bytes: number }>`
    SELECT count(*) AS entries, sum(bytes)::bigint AS bytes FROM stored_bytes WHERE tenant = ${tenant}`.execute(
    house.db,
  )
  expect(rows[0]?.bytes).toBe(2_500 ** 2)
  expect(rows[0]?.entries).toBeLessThan(130)
  const quotas = { ...house.config, QUOTA_STORED_BYTES: 2_500 ** 2 }
  await foreseeQuotas(house.db, { tenant, quotas, bytes: 0 })
  await expect(foreseeQuotas(house.db, { tenant, quotas, bytes: 1 })).rejects.toMatchObject({
    code: 'quota_exceeded',
  })
  await house.db.transaction().execute((trx) => checkQuotas(trx, { tenant, quotas, newAsset: false }))
})
