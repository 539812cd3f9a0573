import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { watchdog } from './watchdog.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function watched() {
  const calls: string[] = []
  const child = {
    stop: (reason: string) => void calls.push(reason),
    pause: () => void calls.push('pause'),
    resume: () => void calls.push('resume'),
  }
  const dog = watchdog({ stallMs: 1000 })
  return { calls, dog, control: dog.watch(child) }
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
  const { calls, control } = watched()
  control.pause()
  vi.advanceTimersByTime(60_000)
  control.resume()
  vi.advanceTimersByTime(999)
  expect(calls).toEqual(['pause', 'resume'])
  vi.advanceTimersByTime(1)
  expect(calls).toEqual(['pause', 'resume', 'stalled'])
})

test('after its end it says nothing, sends nothing, and keeps no process alive, whoever still holds its control', () => {
  const { calls, dog, control } = watched()
  control.pause()
  dog.end()
  control.resume()
  control.pause()
  dog.saw({ frame: 1 })
  expect(vi.getTimerCount()).toBe(0)
  vi.advanceTimersByTime(5000)
  expect(calls).toEqual(['pause'])
})
