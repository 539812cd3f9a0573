import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { watchdog } from './watchdog.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function watched() {
  const calls: string[] = []
  const dog = watchdog({ stallMs: 1000 })
  dog.watch({ stop: (reason) => void calls.push(reason) })
  return { calls, dog }
}

test('growing numbers keep it quiet, repeated ones do not', () => {
  const { calls, dog } = watched()
  for (let frame = 0; frame < 10; frame++) {
    vi.advanceTimersByTime(900)
    dog.saw({ frame })
  }
  expect(calls).toEqual([])
  vi.advanceTimersByTime(500)
  dog.saw({ frame: 9 })
  vi.advanceTimersByTime(500)
  expect(calls).toEqual(['stalled'])
})

test('a child that we hold still is not blamed for it, and is watched again when it goes on', () => {
  const { calls, dog } = watched()
  dog.held(true)
  vi.advanceTimersByTime(60_000)
  dog.held(false)
  vi.advanceTimersByTime(999)
  expect(calls).toEqual([])
  vi.advanceTimersByTime(1)
  expect(calls).toEqual(['stalled'])
})

test('after its end it says nothing, and keeps no process alive, whatever it still hears', () => {
  const { calls, dog } = watched()
  dog.end()
  dog.held(false)
  dog.saw({ frame: 1 })
  expect(vi.getTimerCount()).toBe(0)
  vi.advanceTimersByTime(5000)
  expect(calls).toEqual([])
})
