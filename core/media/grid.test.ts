import fc from 'fast-check'
import { expect, test } from 'vitest'
import { planGrid, segmentFramesAt } from './grid.ts'

const common = { chunkSeconds: 30, firstChunkSegments: 1 }

test('a minute at 25 frames a second is cut after 4 s, and what is left evenly', () => {
  const { chunks, ...grid } = planGrid({ frames: 1500, fps: { num: 25, den: 1 }, chunking: 'grid', ...common })
  expect(grid).toEqual({ gop: 50, segmentFrames: 100, frames: 1500, segments: 15 })
  expect(chunks).toEqual([
    { index: 0, firstFrame: 0, frames: 100, firstSegment: 0, segments: 1 },
    { index: 1, firstFrame: 100, frames: 700, firstSegment: 1, segments: 7 },
    { index: 2, firstFrame: 800, frames: 700, firstSegment: 8, segments: 7 },
  ])
})

test('five seconds are one piece of work: what is left is less than a segment', () => {
  const { chunks } = planGrid({ frames: 125, fps: { num: 25, den: 1 }, chunking: 'grid', ...common })
  expect(chunks).toEqual([{ index: 0, firstFrame: 0, frames: 125, firstSegment: 0, segments: 2 }])
})

test('at 29.97 frames a second a segment is 120 frames', () => {
  expect(planGrid({ frames: 150, fps: { num: 30_000, den: 1001 }, chunking: 'single', ...common })).toMatchObject({
    gop: 60,
    segmentFrames: 120,
    segments: 2,
  })
})

test('every frame belongs to exactly one chunk and one segment, whatever the length and the rate', () => {
  const rate = fc.constantFrom({ num: 1, den: 1 }, { num: 30_000, den: 1001 }, { num: 25, den: 2 }, { num: 60, den: 1 })
  const options = fc.record({
    frames: fc.integer({ min: 1, max: 100_000 }),
    fps: rate,
    chunking: fc.constantFrom('grid' as const, 'single' as const),
    chunkSeconds: fc.integer({ min: 4, max: 600 }),
    firstChunkSegments: fc.integer({ min: 1, max: 4 }),
  })
  fc.assert(
    fc.property(options, (wish) => {
      const grid = planGrid(wish)
      const even = grid.chunks[1]?.segments ?? 0
      let frame = 0
      let segment = 0
      for (const [n, chunk] of grid.chunks.entries()) {
        expect([chunk.index, chunk.firstFrame, chunk.firstSegment]).toEqual([n, frame, segment])
        const own = Array.from({ length: chunk.segments }, (_, s) => segmentFramesAt(grid, segment + s))
        expect(own.reduce((sum, frames) => sum + frames, 0)).toBe(chunk.frames)
        if (grid.chunks.length > 1) expect(chunk.frames).toBeGreaterThanOrEqual(grid.segmentFrames)
        if (n > 0 && n < grid.chunks.length - 1) expect([even, even - 1]).toContain(chunk.segments)
        frame += chunk.frames
        segment += chunk.segments
      }
      expect([frame, segment]).toEqual([wish.frames, grid.segments])
    }),
  )
})
