import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bestOf, type GrayFrame, goodScore, scoreFrame } from './frame-score.ts'

const frame = (level: (x: number, y: number) => number, width = 160, height = 90): GrayFrame => ({
  width,
  height,
  luma: Uint8Array.from({ length: width * height }, (_, at) => level(at % width, Math.floor(at / width))),
})

// Soft hills with fine grain: about what a photograph is.
const scene = (x: number, y: number) =>
  128 + 60 * Math.sin(x / 17) * Math.cos(y / 11) + 40 * (((x * 7 + y * 13) % 5) / 4 - 0.5)

test('a scene is good enough; black, white and grey are not, and are worth next to nothing', () => {
  expect(scoreFrame(frame(scene))).toBeGreaterThan(goodScore)
  for (const level of [0, 16, 128, 255]) expect(scoreFrame(frame(() => level))).toBeLessThan(0.05)
})

test('a scene beats itself in the middle of a fade to black, to white, or out of focus', () => {
  const whole = scoreFrame(frame(scene))
  expect(scoreFrame(frame((x, y) => scene(x, y) * 0.4))).toBeLessThan(whole * 0.8)
  expect(scoreFrame(frame((x, y) => 255 - (255 - scene(x, y)) * 0.3))).toBeLessThan(whole * 0.8)
  expect(scoreFrame(frame((x, y) => 128 + 60 * Math.sin(x / 17) * Math.cos(y / 11)))).toBeLessThan(whole * 0.9)
})

test('a title in white on black loses to a scene', () => {
  const title = frame((x, y) => (y > 40 && y < 50 && x % 9 < 4 ? 235 : 0))
  expect(scoreFrame(title)).toBeLessThan(scoreFrame(frame(scene)) / 2)
})

test('any frame of any size has a score from 0 to 1', () => {
  const any = fc
    .record({ width: fc.integer({ min: 1, max: 12 }), height: fc.integer({ min: 1, max: 12 }) })
    .chain(({ width, height }) =>
      fc.uint8Array({ minLength: width * height, maxLength: width * height }).map((luma) => ({ width, height, luma })),
    )
  fc.assert(
    fc.property(any, (picture) => {
      const score = scoreFrame(picture)
      expect(score).toBeGreaterThanOrEqual(0)
      expect(score).toBeLessThanOrEqual(1)
    }),
  )
})

test('of equally good frames the first is taken, and of none, none', () => {
  expect(bestOf([0.2, 0.7, 0.7])).toBe(1)
  expect(bestOf([])).toBeUndefined()
})
