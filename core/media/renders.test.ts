import fc from 'fast-check'
import { expect, it } from 'vitest'
import { coverWindow } from './renders.ts'

const side = fc.integer({ min: 1, max: 16_384 })

it('whatever shape a picture has, a cover crop of it never makes more pixels on the way than a few times its result', () => {
  fc.assert(
    fc.property(side, side, (width, height) => {
      const target = { width: 1280, height: 720 }
      const window = coverWindow({ source: { width, height }, target })
      const scale = Math.max(target.width / window.width, target.height / window.height)
      const enlarged = window.width * scale * window.height * scale
      expect(enlarged).toBeLessThanOrEqual(8 * target.width * target.height)
      expect(window.left + window.width).toBeLessThanOrEqual(width)
      expect(window.top + window.height).toBeLessThanOrEqual(height)
      expect(Math.min(window.left, window.top)).toBeGreaterThanOrEqual(0)
    }),
  )
})

it('a picture of ordinary shape is searched whole', () => {
  expect(coverWindow({ source: { width: 4000, height: 3000 }, target: { width: 320, height: 180 } })).toEqual({
    left: 0,
    top: 0,
    width: 4000,
    height: 3000,
  })
  expect(coverWindow({ source: { width: 1080, height: 1920 }, target: { width: 320, height: 180 } })).toEqual({
    left: 0,
    top: 0,
    width: 1080,
    height: 1920,
  })
})
