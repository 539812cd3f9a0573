import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { courtesy } from './courtesy.ts'
import { smallAtFirst } from './small-at-first.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const program = () => {
  const calls: string[] = []
  return { calls, pause: () => void calls.push('pause'), resume: () => void calls.push('resume') }
}

test('others stand still for it, until it has taken too long; from then on it stands still for what is small', () => {
  const house = courtesy(() => Date.now())
  const [film, sound] = [program(), program()]
  house.long('a film', film)
  const first = smallAtFirst({ courtesy: house, asset: 'an hour of sound', holds: true, afterMs: 2_000 })
  const over = first.courtesy(sound)
  expect(film.calls).toEqual(['pause'])
  vi.advanceTimersByTime(2_000)
  expect(film.calls).toEqual(['pause', 'resume'])
  const small = house.small('a picture')
  expect([film.calls.at(-1), sound.calls]).toEqual(['pause', ['pause']])
  small()
  expect([film.calls.at(-1), sound.calls]).toEqual(['resume', ['pause', 'resume']])
  over()
  first.end()
  house.small('another picture')
  expect(sound.calls).toHaveLength(2)
})

test('a program that it starts later is held from the beginning', () => {
  const house = courtesy(() => Date.now())
  const first = smallAtFirst({ courtesy: house, asset: 'an hour of sound', holds: true, afterMs: 2_000 })
  vi.advanceTimersByTime(2_000)
  house.small('a picture')
  const sound = program()
  first.courtesy(sound)
  expect(sound.calls).toEqual(['pause'])
  first.end()
})

test('what is over in time was never held, and holds nobody afterwards', () => {
  const house = courtesy(() => Date.now())
  const [film, sound] = [program(), program()]
  const first = smallAtFirst({ courtesy: house, asset: 'a clip', holds: true, afterMs: 2_000 })
  const over = first.courtesy(sound)
  house.small('a picture')()
  over()
  first.end()
  vi.advanceTimersByTime(10_000)
  house.long('a film', film)
  expect([film.calls, sound.calls]).toEqual([[], []])
})

test('of a source that may have to come over a network, nobody stands still at first either', () => {
  const house = courtesy(() => Date.now())
  const film = program()
  house.long('a film', film)
  const first = smallAtFirst({ courtesy: house, asset: 'an hour of sound', holds: false })
  expect(film.calls).toEqual([])
  first.end()
})
