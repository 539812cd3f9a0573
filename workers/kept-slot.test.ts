import { DelayedError } from 'bullmq'
import { beforeAll, expect, it, vi } from 'vitest'
import { claimTask } from '../core/db/task-run.ts'
import { insertTasks, markPushed } from '../core/db/tasks.ts'
import { queuePriority } from '../core/task-kinds.ts'
import { readTask, type TestHouse, testHouse, waitingAsset } from '../test/setup/house.ts'
import { atOnce } from './consume.ts'
import { keptSlots } from './kept-slot.ts'

let house: TestHouse
beforeAll(async () => {
  house = await testHouse()
})

/** Pieces of a new asset, as they wait for an encoder, and what the queue would say of each. */
async function film(pieces: number) {
  const { asset } = await waitingAsset(house)
  const wanted = Array.from({ length: pieces }, (_, piece) => ({
    ...{ assetId: asset.id, generation: 1, key: `encode:${piece}`, params: {} },
    queuePriority: queuePriority({ priority: 'normal', piece }),
  }))
  const reminders = await house.db.transaction().execute((trx) => insertTasks(trx, wanted))
  await markPushed(house.db, reminders)
  return reminders
    .toSorted((a, b) => a.priority - b.priority)
    .map(({ taskId, priority }) => {
      const job = { data: { taskId }, priority, moveToDelayed: vi.fn(async () => undefined) }
      const ended = Promise.withResolvers<void>()
      const run = vi.fn(async () => {
        await claimTask(house.db, { taskId, worker: 'w', leaseMs: 600_000 })
        await ended.promise
      })
      return { job, run, end: ended.resolve }
    })
}

type Piece = Awaited<ReturnType<typeof film>>[number]

function twoSlots() {
  const closing = new AbortController()
  const slots = keptSlots({ ...house, timings: { ...house.timings, quietMs: 300 } }, { ...atOnce(), video: 2 })
  const take = ({ job, run }: Piece) => slots.take({ name: 'video', job, token: 't', closing: closing.signal, run })
  return { take, close: () => closing.abort(), slots }
}

const pieces = async (count: number) => {
  const all = await film(count)
  const at = (n: number) => all[n] ?? expect.fail()
  return at
}

it('lets the first piece of a clip in while pieces of a film have all slots', async () => {
  const [a, b] = [await pieces(2), await pieces(1)]
  const { take, slots } = twoSlots()
  expect(slots.slots('video')).toBe(3)
  const taken = [take(a(0)), take(a(1))]
  await vi.waitFor(() => expect(a(1).run).toHaveBeenCalled(), 30_000)
  taken.push(take(b(0)))
  await vi.waitFor(() => expect(b(0).run).toHaveBeenCalled(), 30_000)
  for (const piece of [a(0), a(1), b(0)]) piece.end()
  await Promise.all(taken)
})

it('is taken by no further piece of that film, which goes back for a clip, and else has the first slot that is free', async () => {
  const [a, b] = [await pieces(4), await pieces(1)]
  const { take } = twoSlots()
  const taken = [take(a(0)), take(a(1))]
  await vi.waitFor(() => expect(a(1).run).toHaveBeenCalled(), 30_000)
  await expect(take(a(2))).rejects.toThrow(DelayedError)
  expect(a(2).run).not.toHaveBeenCalled()
  expect(a(2).job.moveToDelayed).toHaveBeenCalledWith(expect.any(Number), 't')
  // The clip is served by somebody else: now nobody waits for the slot.
  const elsewhere = b(0).run()
  await vi.waitFor(async () => expect(await waitingFirst()).toBe(0), 30_000)
  const later = take(a(3))
  a(0).end()
  await vi.waitFor(() => expect(a(3).run).toHaveBeenCalled(), 30_000)
  expect(a(3).job.moveToDelayed).not.toHaveBeenCalled()
  for (const piece of [a(1), a(3), b(0)]) piece.end()
  await Promise.all([...taken, later, elsewhere])
})

it('is waited in without being taken for lost', async () => {
  const a = await pieces(3)
  const { take } = twoSlots()
  const taken = [take(a(0)), take(a(1))]
  await vi.waitFor(() => expect(a(1).run).toHaveBeenCalled(), 30_000)
  taken.push(take(a(2)))
  const sent = async () => (await readTask(house, a(2).job.data.taskId)).enqueued_at
  const first = await sent()
  await vi.waitFor(
    async () => expect((await sent())?.getTime()).toBeGreaterThan((first?.getTime() ?? 0) + 1_000),
    30_000,
  )
  for (const piece of [a(0), a(1), a(2)]) piece.end()
  await Promise.all(taken)
})

it('is not waited in by a worker that closes', async () => {
  const a = await pieces(3)
  const { take, close } = twoSlots()
  const taken = [take(a(0)), take(a(1)), take(a(2))]
  close()
  await vi.waitFor(() => expect(a(2).run).toHaveBeenCalled(), 30_000)
  for (const piece of [a(0), a(1), a(2)]) piece.end()
  await Promise.all(taken)
})

const waitingFirst = async () => {
  const rows = await house.db
    .selectFrom('tasks')
    .select('id')
    .where('key', '=', 'encode:0')
    .where('status', '=', 'pending')
    .execute()
  return rows.length
}
