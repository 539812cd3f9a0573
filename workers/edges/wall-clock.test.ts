import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { wallClock } from './wall-clock.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('time in which it is held does not count, however often and however long', () => {
  const ring = vi.fn()
  const clock = wallClock({ ms: 1000, ring })
  for (let turn = 0; turn < 3; turn++) {
    vi.advanceTimersByTime(300)
    clock.hold()
    clock.hold()
    vi.advanceTimersByTime(60_000)
    clock.go()
    clock.go()
  }
  vi.advanceTimersByTime(99)
  expect(ring).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(ring).toHaveBeenCalledOnce()
})

test('once ended it does not ring, and keeps no process alive', () => {
  const ring = vi.fn()
  const clock = wallClock({ ms: 1000, ring })
  clock.end()
  expect(vi.getTimerCount()).toBe(0)
})
