import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { testHouse } from '../../test/setup/house.ts'
import { forgetWorker, livingWorkers, tellOfWorker } from './workers.ts'

test('what any living worker is without is known to all; the dead and those that left are not counted', async () => {
  const { db } = await testHouse()
  await tellOfWorker(db, { name: 'a', missing: [] })
  await tellOfWorker(db, { name: 'b', missing: ['no network'] })
  await tellOfWorker(db, { name: 'b', missing: ['no network', 'no file of others'] })
  expect(await livingWorkers(db)).toEqual({ living: 2, missing: ['no file of others', 'no network'] })
  await sql`UPDATE workers SET seen_at = now() - interval '2 minutes' WHERE name = 'b'`.execute(db)
  expect(await livingWorkers(db)).toEqual({ living: 1, missing: [] })
  await forgetWorker(db, 'a')
  expect(await livingWorkers(db)).toEqual({ living: 0, missing: [] })
})
