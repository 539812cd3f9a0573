import { beforeAll, expect, it, vi } from 'vitest'
import { onlyHandlers, type TestHouse, testHouse, waitingAsset } from '../test/setup/house.ts'
import { quick } from './in-its-place.ts'
import { runTask } from './run-task.ts'

let house: TestHouse
beforeAll(async () => {
  house = await testHouse()
})

it.each([
  ['of 3 MB: films stand still meanwhile', 3e6, true],
  ['of 3 GB, which may have to be fetched first: they go on', 3e9, false],
])('what is soon done of a source %s', async (_, bytes, holds) => {
  const { asset, taskId } = await waitingAsset(house)
  await house.db.updateTable('assets').set({ source_bytes: bytes }).where('id', '=', asset.id).execute()
  const resume = vi.fn()
  const pause = vi.fn()
  const over = house.courtesy.long('a film', { pause, resume })
  const recipe = vi.fn(async () => {
    expect(pause).toHaveBeenCalledTimes(holds ? 1 : 0)
    return { result: null }
  })
  const run = { house, taskId, handlers: onlyHandlers({ fetch: quick(recipe) }), closing: new AbortController().signal }
  expect(await runTask(run)).toEqual({ end: 'done' })
  expect(recipe).toHaveBeenCalled()
  expect(resume).toHaveBeenCalledTimes(holds ? 1 : 0)
  over()
})

it.each([
  ['a large source stand still at once', 3e9, 1],
  ['a small one, which will soon be over, go on', 3e6, 0],
])('while something small is made of another asset, programs that look at %s', async (_, bytes, held) => {
  const { asset, taskId } = await waitingAsset(house)
  await house.db.updateTable('assets').set({ source_bytes: bytes }).where('id', '=', asset.id).execute()
  const over = house.courtesy.small('a picture')
  const program = { pause: vi.fn(), resume: vi.fn() }
  const recipe = quick(async (run) => {
    const gone = run.house.tools.courtesy?.(program)
    expect(program.pause).toHaveBeenCalledTimes(held)
    gone?.()
    expect(program.resume).toHaveBeenCalledTimes(held)
    return { result: null }
  })
  const run = { house, taskId, handlers: onlyHandlers({ fetch: recipe }), closing: new AbortController().signal }
  expect(await runTask(run)).toEqual({ end: 'done' })
  expect.assertions(3)
  over()
})

it('of large sources no more than two at once stand still and keep their slots; the others are looked at meanwhile', async () => {
  const over = house.courtesy.small('a picture')
  const programs = Array.from({ length: 3 }, () => ({ pause: vi.fn(), resume: vi.fn() }))
  const all = Promise.withResolvers<void>()
  let begun = 0
  const recipe = quick(async (run) => {
    const program = programs[begun++]
    const gone = program && run.house.tools.courtesy?.(program)
    if (begun === programs.length) all.resolve()
    await all.promise
    gone?.()
    return { result: null }
  })
  const tasks = await Promise.all(programs.map(() => waitingAsset(house)))
  await house.db.updateTable('assets').set({ source_bytes: 3e9 }).execute()
  const handlers = onlyHandlers({ fetch: recipe })
  const closing = new AbortController().signal
  await Promise.all(tasks.map(({ taskId }) => runTask({ house, taskId, handlers, closing })))
  expect(programs.map(({ pause }) => pause.mock.calls.length)).toEqual([1, 1, 0])
  over()
})
