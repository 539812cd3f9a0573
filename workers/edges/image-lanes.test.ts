import { expect, test } from 'vitest'
import { makeLanes } from './image-lanes.ts'

test('never more pieces run at once than there are lanes, and all of them finish, also after a failure', async () => {
  const inLane = makeLanes({ atMost: 2 })
  let running = 0
  let most = 0
  const work = async (piece: number) => {
    running += 1
    most = Math.max(most, running)
    await new Promise((resolve) => setImmediate(resolve))
    running -= 1
    if (piece === 1) throw new Error('piece 1')
    return piece
  }
  const results = await Promise.allSettled([0, 1, 2, 3, 4].map((piece) => inLane(() => work(piece))))
  expect(results.map((result) => (result.status === 'fulfilled' ? result.value : 'failed'))).toEqual([
    0,
    'failed',
    2,
    3,
    4,
  ])
  expect(most).toBe(2)
})
