import fc from 'fast-check'
import { expect, test } from 'vitest'
import { defaultProfile } from './built-in-profiles.ts'
import { planLadder } from './ladder.ts'

const rungs = defaultProfile.video ? defaultProfile.video.ladder : []
const sizes = (width: number, height: number) =>
  planLadder({ source: { width, height }, rungs }).map(
    (rung) => `${rung.name} ${rung.width}x${rung.height} ${rung.maxBitrate}`,
  )

test('full HD gets the whole ladder', () => {
  expect(sizes(1920, 1080)).toEqual([
    '1080p 1920x1080 5000000',
    '720p 1280x720 2800000',
    '480p 854x480 1400000',
    '360p 640x360 800000',
    '240p 426x240 400000',
  ])
})

test('4K is offered from 1080p down; upright video is measured by its short side', () => {
  expect(sizes(3840, 2160)[0]).toBe('1080p 1920x1080 5000000')
  expect(sizes(1080, 1920)[1]).toBe('720p 720x1280 2800000')
})

test('a size between rungs is kept as the best, and a rung close below it is left out', () => {
  expect(sizes(960, 540)).toEqual(['540p 960x540 1750000', '360p 640x360 800000', '240p 426x240 400000'])
  expect(sizes(1600, 900)).toEqual([
    '900p 1600x900 3900000',
    '720p 1280x720 2800000',
    '480p 854x480 1400000',
    '360p 640x360 800000',
    '240p 426x240 400000',
  ])
})

test('a source below the lowest rung is offered at its own size, made even', () => {
  expect(sizes(320, 180)).toEqual(['180p 320x180 300000'])
  expect(sizes(161, 121)).toEqual(['121p 160x120 202000'])
})

test('nothing is enlarged, sides are even, shapes are kept and steps are worth their encoding', () => {
  const side = fc.integer({ min: 16, max: 8192 })
  fc.assert(
    fc.property(side, side, (width, height) => {
      const ladder = planLadder({ source: { width, height }, rungs })
      expect(ladder.length).toBeGreaterThan(0)
      for (const [n, rung] of ladder.entries()) {
        expect(rung.width % 2 === 0 && rung.height % 2 === 0).toBe(true)
        expect(rung.width).toBeLessThanOrEqual(width)
        expect(rung.height).toBeLessThanOrEqual(height)
        const exact = (rung.width / width) * height
        expect(Math.abs(exact - rung.height)).toBeLessThanOrEqual(2 + (2 * height) / width)
        const above = ladder[n - 1]
        if (above) expect(Number.parseInt(rung.name, 10)).toBeLessThanOrEqual(Number.parseInt(above.name, 10) * 0.8)
      }
    }),
  )
})
