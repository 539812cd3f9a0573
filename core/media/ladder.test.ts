import fc from 'fast-check'
import { expect, test } from 'vitest'
import { builtInProfiles, defaultProfile } from './built-in-profiles.ts'
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

const builtIn = new Map(
  builtInProfiles.flatMap(({ name, video }) => (video === false ? [] : [[name, video.ladder] as const])),
)
const heights = (profile: string, width: number, height: number) =>
  planLadder({ source: { width, height }, rungs: builtIn.get(profile) ?? [] }).map(({ name }) => name)

test('`fast` has two qualities, `uhd` goes up to what was filmed, and full HD is the same in `uhd` as in `default`', () => {
  expect(heights('fast', 1920, 1080)).toEqual(['720p', '360p'])
  expect(heights('fast', 640, 360)).toEqual(['360p'])
  expect(heights('uhd', 3840, 2160)).toEqual(['2160p', '1440p', '1080p', '720p', '480p', '360p', '240p'])
  expect(heights('uhd', 7680, 4320)[0]).toBe('2160p')
  expect(heights('uhd', 2560, 1440)[0]).toBe('1440p')
  expect(heights('uhd', 1080, 1920)).toEqual(heights('default', 1080, 1920))
})

test('a source below the lowest rung is offered at its own size, made even', () => {
  expect(sizes(320, 180)).toEqual(['180p 320x180 300000'])
  expect(sizes(161, 121)).toEqual(['121p 160x120 202000'])
})

const side = fc.integer({ min: 16, max: 8192 })
const anyLadder = fc
  .uniqueArray(fc.integer({ min: 8, max: 2160 }), { minLength: 1, maxLength: 8 })
  .map((halves) => halves.map((half) => ({ shortSide: 2 * half, maxBitrate: 2_000 * half })))

test('nothing is enlarged, sides are even, shapes are kept and steps are worth their encoding, whatever the ladder', () => {
  fc.assert(
    fc.property(side, side, fc.oneof(fc.constantFrom(...builtIn.values()), anyLadder), (width, height, rungs) => {
      const ladder = planLadder({ source: { width, height }, rungs })
      const most = Math.max(...rungs.map(({ shortSide }) => shortSide))
      expect(ladder.length).toBeGreaterThan(0)
      expect(new Set(ladder.map(({ name }) => name)).size).toBe(ladder.length)
      for (const [n, rung] of ladder.entries()) {
        const short = Number.parseInt(rung.name, 10)
        expect(short).toBeLessThanOrEqual(Math.min(most, width, height))
        expect(rung.width % 2 === 0 && rung.height % 2 === 0).toBe(true)
        expect(rung.width).toBeLessThanOrEqual(width)
        expect(rung.height).toBeLessThanOrEqual(height)
        // Each side by itself lies within two pixels of the exact shape, one where the source is not in the way.
        const scale = short / Math.min(width, height)
        expect(Math.abs(rung.width - width * scale)).toBeLessThan(2)
        expect(Math.abs(rung.height - height * scale)).toBeLessThan(2)
        const above = ladder[n - 1]
        if (!above) continue
        expect(short).toBeLessThanOrEqual(Number.parseInt(above.name, 10) * 0.8)
        expect(rung.maxBitrate).toBeLessThanOrEqual(above.maxBitrate)
      }
    }),
  )
})

test('no step is missing that would be worth its encoding', () => {
  fc.assert(
    fc.property(side, side, anyLadder, (width, height, rungs) => {
      const kept = planLadder({ source: { width, height }, rungs }).map(({ name }) => Number.parseInt(name, 10))
      for (const { shortSide } of rungs) {
        if (shortSide > Math.min(width, height) || kept.includes(shortSide)) continue
        expect(kept.some((other) => other > shortSide && shortSide > other * 0.8)).toBe(true)
      }
    }),
  )
})

test('a source below 240p has one quality, that of its own size, in every built-in profile', () => {
  const small = fc.tuple(fc.integer({ min: 16, max: 239 }), side)
  fc.assert(
    fc.property(small, fc.boolean(), fc.constantFrom(...builtIn.values()), ([short, long], upright, rungs) => {
      const [width, height] = upright ? [short, Math.max(short, long)] : [Math.max(short, long), short]
      const ladder = planLadder({ source: { width, height }, rungs })
      expect(ladder).toMatchObject([{ name: `${short}p` }])
      expect(width - (ladder[0]?.width ?? 0)).toBeLessThan(2)
      expect(height - (ladder[0]?.height ?? 0)).toBeLessThan(2)
    }),
  )
})
