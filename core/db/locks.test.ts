import { setTimeout as pause } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import { atEnd } from '../../test/setup/at-end.ts'
import { testDatabase } from '../../test/setup/database.ts'
import { query } from '../../test/setup/postgres-desk.ts'
import { type HeldLock, openLocks } from './locks.ts'

const { url } = await testDatabase()
const quiet = () => undefined
function desk(name: string) {
  const locks = openLocks({ url, name, onError: quiet })
  atEnd(() => locks.close())
  return locks
}

it('is held by one at a time, in this process as in others', async () => {
  const [one, other] = [desk('one'), desk('other')]
  const held = await one.take('a', { waitMs: 0 })
  expect(held).toBeDefined()
  expect(await one.take('a', { waitMs: 50 })).toBeUndefined()
  expect(await other.take('a', { waitMs: 50 })).toBeUndefined()
  expect(await other.take('b', { waitMs: 0 })).toBeDefined()
  await held?.release()
  expect(await other.take('a', { waitMs: 30_000 })).toBeDefined()
})

it('asks its holder to let go, wherever he is', async () => {
  const [one, other] = [desk('one'), desk('other')]
  for (const asker of [one, other]) {
    const held = await one.take('asked', { waitMs: 30_000, onWanted: () => void held?.release() })
    let heard = 0
    const taken = await asker.take('asked', { waitMs: 30_000, onWanted: () => heard++ })
    expect(taken).toBeDefined()
    expect(heard).toBe(0)
    await taken?.release()
  }
})

it('tells its holder of those who came later, and of nobody else', async () => {
  const [one, patient, late] = [desk('one'), desk('patient'), desk('late')]
  let asked = 0
  let held: HeldLock | undefined
  let waiting: Promise<HeldLock | undefined> | undefined
  // Until the one that came last has it before the one that waits: as when a client's broken connection waits still.
  while (held === undefined) {
    await (await waiting)?.release()
    const first = await one.take('turns', { waitMs: 30_000 })
    waiting = patient.take('turns', { waitMs: 1_300 })
    await pause(100)
    await first?.release()
    held = await late.take('turns', { waitMs: 0, onWanted: () => asked++ })
  }
  expect(await waiting).toBeUndefined()
  expect(asked).toBe(0)
  expect(await one.take('turns', { waitMs: 200 })).toBeUndefined()
  await vi.waitFor(() => expect(asked).toBe(1))
  await held.release()
})

it('a holder whose connection breaks hears of it, and the next one has it at once', async () => {
  const [one, other] = [desk('breaks'), desk('waits')]
  const held = await one.take('broken', { waitMs: 0 })
  const lost = new Promise((resolve) => held?.lost.addEventListener('abort', resolve))
  await query({
    url,
    sql: `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'breaks locks'`,
  })
  expect(await other.take('broken', { waitMs: 30_000 })).toBeDefined()
  await lost
  await held?.release()
  expect(await one.take('broken', { waitMs: 100 })).toBeUndefined()
  expect(await one.take('anew', { waitMs: 30_000 })).toBeDefined()
})

it('a hundred that want one lock each have it for a while, never two at once', async () => {
  const desks = [desk('one'), desk('other')]
  let [inside, turns] = [0, 0]
  await Promise.all(
    Array.from({ length: 100 }, async (_, n) => {
      const held = await desks[n % 2]?.take('crowd', { waitMs: 50_000 })
      inside++
      expect(inside).toBe(1)
      await pause(1)
      inside--
      turns++
      await held?.release()
    }),
  )
  expect(turns).toBe(100)
})
