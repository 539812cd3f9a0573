import fc from 'fast-check'
import { expect, it } from 'vitest'
import { planStoryboard, tileCount } from './storyboard.ts'
import { layOut, placeOf, storyboardVtt } from './storyboard-sheets.ts'
import { assignTiles, gapOf } from './storyboard-tiles.ts'

const plan = (duration: number, source = { width: 1920, height: 1080 }) =>
  planStoryboard({ source, duration, origin: 0, seekZero: 0 })

it('five seconds is the beat, quicker for clips and slower for long films', () => {
  const beats = [0.04, 1, 5, 12.48, 60, 600, 3600, 7200, 43_200].map((duration) => plan(duration).interval)
  expect(beats).toEqual([0.1, 0.2, 2, 5, 5, 5, 10, 20, 120])
})

it('tiles keep the shape of the video on even sides, and are never larger than it', () => {
  const sizes = [
    [1920, 1080],
    [1080, 1920],
    [720, 540],
    [100, 6000],
    [6000, 100],
    [16, 16],
    [1, 1],
  ].map(([width = 0, height = 0]) => plan(60, { width, height }))
  expect(sizes.map(({ width, height }) => `${width}x${height}`)).toEqual([
    ...['160x90', '160x284', '160x120', '6x320', '160x2', '16x16', '2x2'],
  ])
})

const clock = (text: string) => text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)

it('whatever the length, tiles are few enough, and their times lie end to end from 0 to the end', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 43_200, noNaN: true }), (duration) => {
      const { width, height, interval } = plan(duration)
      const count = tileCount({ interval, duration })
      expect(count).toBeLessThanOrEqual(400)
      const sheets = layOut({ count, tile: { width, height } })
      const vtt = storyboardVtt({ sheets, size: { width, height }, interval, duration })
      const cues = [...vtt.matchAll(/^(\S+) --> (\S+)\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)$/gm)]
      expect(cues).toHaveLength(count)
      let end = 0
      for (const [, from = '', to = '', file, x, y, w, h] of cues) {
        expect(clock(from)).toBeCloseTo(end, 6)
        end = clock(to)
        expect(end).toBeGreaterThan(clock(from))
        const sheet = sheets.find((one) => one.file === file)
        expect(Number(x) + Number(w)).toBeLessThanOrEqual(sheet?.width ?? 0)
        expect(Number(y) + Number(h)).toBeLessThanOrEqual(sheet?.height ?? 0)
      }
      expect(end).toBeCloseTo(duration, 2)
    }),
    { numRuns: 40 },
  )
})

it('a hundred tiles go on a sheet, and the last is only as large as it must be', () => {
  const sheets = layOut({ count: 123, tile: { width: 160, height: 90 } })
  expect(sheets.map(({ file, width, height }) => `${file} ${width}x${height}`)).toEqual([
    'sprite-0.jpg 1600x900',
    'sprite-1.jpg 1600x270',
  ])
  const [, second] = sheets
  if (!second) throw new Error('no second sheet')
  expect(placeOf({ sheet: second, tile: 111, size: { width: 160, height: 90 } })).toEqual({ x: 160, y: 90 })
})

it('a tile shows its own time or the nearest; what is too far away is told', () => {
  const beat = { interval: 5, duration: 60 }
  expect(assignTiles({ ...beat, times: [0, 10, 20, 30, 40, 50] })).toEqual({
    tiles: [0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 5],
    stale: [],
  })
  const rare = assignTiles({ ...beat, times: [0, 40] })
  expect(rare.stale).toEqual([2, 3, 4, 5, 10, 11])
  expect(gapOf({ stale: rare.stale, times: [0, 40], interval: 5 })).toEqual({ from: 5, to: 60, cost: 60 })
})

it('where every frame was looked at, a picture that stands still is no gap', () => {
  const beat = { interval: 5, duration: 60 }
  expect(assignTiles({ ...beat, times: [0], watched: [{ from: 0, to: 60 }] })).toEqual({
    tiles: Array.from({ length: 12 }, () => 0),
    stale: [],
  })
})
