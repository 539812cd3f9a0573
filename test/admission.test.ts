import { beforeAll, expect, it, vi } from 'vitest'
import { admitted } from '../workers/admission.ts'
import type { Handler } from '../workers/house.ts'
import { memoryGate } from '../workers/memory-gate.ts'
import { runTask } from '../workers/run-task.ts'
import { addTask, heartBeats, onlyHandlers, readTask, type TestHouse, testHouse, waitingAsset } from './setup/house.ts'

let house: TestHouse
const { signal: open } = new AbortController()

beforeAll(async () => {
  house = { ...(await testHouse()), memory: memoryGate({ capacity: 100 }) }
})

/** A piece of an asset whose plan is there, run by a recipe that costs 60 of the 100 there are. */
async function piece(recipe: Handler) {
  const { asset } = await waitingAsset(house)
  const inspect = await addTask(house, { assetId: asset.id, key: 'inspect' })
  const plan = JSON.stringify({ kind: 'audio', info: {} })
  const done = house.db.updateTable('tasks').set({ status: 'done', result: plan })
  await done.where('id', '=', inspect?.taskId ?? '').execute()
  const { taskId = '' } = (await addTask(house, { assetId: asset.id, key: 'encode:0' })) ?? {}
  const run = (closing = open) =>
    runTask({ house, taskId, handlers: onlyHandlers({ encode: admitted(() => 60, recipe) }), closing })
  return { taskId, run }
}

/** A recipe that runs until it is told. */
function held() {
  const begun = Promise.withResolvers<void>()
  const end = Promise.withResolvers<void>()
  const recipe: Handler = async () => {
    begun.resolve()
    await end.promise
    return { result: null }
  }
  return { recipe, begun: begun.promise, end: end.resolve }
}

it('what does not fit waits, keeps its lease meanwhile, and runs when there is room', async () => {
  const first = held()
  const running = (await piece(first.recipe)).run()
  await first.begun
  const second = await piece(async (run) => ({ result: run.memory ?? null }))
  const waiting = second.run()
  await vi.waitFor(() => expect(house.memory.waiting).toBe(1))
  await heartBeats(house, second.taskId)
  first.end()
  expect(await running).toEqual({ end: 'done' })
  expect(await waiting).toEqual({ end: 'done' })
  expect(await readTask(house, second.taskId)).toMatchObject({ attempt: 1, crashes: 0, result: 60 })
  expect(house.memory).toMatchObject({ used: 0, waiting: 0 })
})

it('a cancel, and a worker that closes, end the wait; a recipe that fails gives its room back', async () => {
  const first = held()
  const running = (await piece(first.recipe)).run()
  await first.begun
  const never = await piece(async () => ({ result: 'never' }))
  const waiting = never.run()
  await vi.waitFor(() => expect(house.memory.waiting).toBe(1))
  const cancel = house.db.updateTable('tasks').set({ status: 'cancelled', lease_until: null })
  await cancel.where('id', '=', never.taskId).execute()
  expect(await waiting).toEqual({ end: 'superseded' })
  const closing = new AbortController()
  const polite = (await piece(async () => ({ result: 'never' }))).run(closing.signal)
  await vi.waitFor(() => expect(house.memory.waiting).toBe(1))
  closing.abort(new Error('closing'))
  expect(await polite).toEqual({ end: 'handed back' })
  first.end()
  await running
  const broken = await piece(async () => {
    throw new Error('nothing works')
  })
  expect((await broken.run()).end).toBe('again')
  expect(house.memory).toMatchObject({ used: 0, waiting: 0 })
})
