import fc from 'fast-check'
import { expect, test } from 'vitest'
import { animationLimits, planAnimation } from './animation.ts'

test('a small GIF keeps its size and all its frames', () => {
  expect(planAnimation({ width: 480, height: 270, format: 'gif', pages: 120 })).toMatchObject({
    ...{ file: 'images/animated.webp', width: 480, height: 270, frames: 120 },
  })
})

test.each([
  ['one frame', { width: 480, height: 270, format: 'gif', pages: 1 }],
  ['more frames than allowed', { width: 10, height: 10, format: 'gif', pages: 601 }],
  ['more pixels in all than allowed', { width: 1920, height: 1080, format: 'webp', pages: 100 }],
  ['an animated AVIF', { width: 480, height: 270, format: 'avif', pages: 20 }],
] as const)('%s is shown still', (_name, facts) => {
  expect(planAnimation(facts)).toBeUndefined()
})

test('what is kept moving is never enlarged, and bounded in all', () => {
  const side = fc.integer({ min: 1, max: 16_384 })
  fc.assert(
    fc.property(side, side, fc.integer({ min: 2, max: 700 }), (width, height, pages) => {
      const planned = planAnimation({ width, height, format: 'webp', pages })
      if (!planned) return
      expect(planned.width).toBeLessThanOrEqual(width)
      expect(planned.height).toBeLessThanOrEqual(height)
      expect(Math.max(planned.width, planned.height)).toBeLessThanOrEqual(animationLimits.longSide)
      // A side is rounded to whole pixels.
      const slack = (planned.width + planned.height) * pages
      expect(planned.width * planned.height * pages).toBeLessThanOrEqual(animationLimits.pixels + slack)
    }),
  )
})
