import { beforeAll, describe, expect, it } from 'vitest'
import { openStorage } from '../core/storage/open.ts'
import { bucketSettings } from '../core/storage/settings.ts'
import { plainImage } from '../fixtures/images.ts'
import { atEnd } from './setup/at-end.ts'
import { testBucket } from './setup/bucket.ts'
import { runCli } from './setup/cli.ts'
import { type TestHouse, testHouse } from './setup/house.ts'
import { runTasks } from './setup/run-through.ts'

let house: TestHouse
let env: Record<string, string>
let films: string
let hidden: string
beforeAll(async () => {
  const [own, listed, unlisted] = await Promise.all([testBucket(), testBucket(), testBucket()])
  films = listed['S3_BUCKET'] ?? ''
  hidden = unlisted['S3_BUCKET'] ?? ''
  const more = { ...own, SOURCE_BUCKETS: films }
  house = await testHouse({ env: more })
  env = { DATABASE_URL: house.databaseUrl, ...more }
  const bytes = await plainImage({ width: 8, height: 8, color: 'navy', format: 'png' })
  const headers = { contentType: 'image/png', cacheControl: 'no-store' }
  for (const [bucket, keys] of [
    [films, ['2025/a.png', '2025/may/b c.png', '2025/notes.txt', '2024/old.png']],
    [hidden, ['a.png']],
  ] as const) {
    const there = await openStorage(bucketSettings(house.config, bucket))
    atEnd(() => there.close())
    for (const key of keys) await there.put(key, bytes, headers)
  }
})

const json = async (...args: string[]) => JSON.parse((await runCli([...args, '--json'], { env })).out)

describe('in a bucket', () => {
  it('sluice adopt makes an asset of each object below a prefix, once; it is worked on where it lies, and stays there', async () => {
    const place = `s3://${films}/2025/`
    expect(await json('adopt', place, '--dry-run')).toMatchObject({ adopted: 2, noMedia: 1, refused: [] })
    expect(await json('adopt', place, '--profile', 'rehost')).toMatchObject({ adopted: 2, known: 0 })
    expect(await json('adopt', place)).toMatchObject({ adopted: 0, known: 2 })
    const rows = await house.db.selectFrom('assets').select(['id', 'source_object', 'source_key']).execute()
    expect(rows.map((row) => row.source_object).sort()).toEqual([`${place}a.png`, `${place}may/b c.png`])
    for (const { id } of rows) await runTasks(house, id)
    const now = await house.db.selectFrom('assets').select(['status', 'kind', 'source_key']).execute()
    expect(now).toEqual(rows.map(() => ({ status: 'ready', kind: 'image', source_key: null })))
    const there = await openStorage(bucketSettings(house.config, films))
    atEnd(() => there.close())
    expect(await there.head('2025/a.png')).toBeDefined()
  })

  it('sluice adopt takes nothing from a bucket that is not on the list', async () => {
    const { code, err, out } = await runCli(['adopt', `s3://${hidden}/`, '--json'], { env })
    expect(code).toBe(1)
    expect(`${err}${out}`).toContain('source_not_allowed')
  })

  it('sluice doctor writes, reads, reads a range, and deletes there, in parts too', async () => {
    const found = await json('doctor')
    const judged = Object.fromEntries(found.findings.map(({ what, is }: { what: string; is: string }) => [what, is]))
    expect(judged).toMatchObject({ storage: 'good', 'large objects': 'good' })
    const { code, out } = await runCli(['doctor'], { env: { ...env, S3_SECRET_ACCESS_KEY: 'not-the-key' } })
    expect(code).toBe(1)
    expect(out).toMatch(/^bad +storage/m)
    expect(out).not.toContain('not-the-key')
  })
})
