import { expect, test } from 'vitest'
import { planGrid, segmentFramesAt } from '../../core/media/grid.ts'
import type { AudioResult, ChunkResult } from '../../core/media/hls-facts.ts'
import type { VideoPlan } from '../../core/media/video-plan.ts'
import { hlsProblems, verifyHls } from './verify-hls.ts'

const fps = { num: 25, den: 1 }
const grid = planGrid({ frames: 630, fps, chunking: 'grid', chunkSeconds: 8, firstChunkSegments: 1 })
const plan: VideoPlan = {
  version: 1,
  picture: { index: 0, deinterlace: false, toneMap: false },
  ...{ origin: 0, seekZero: 0, fps, duration: 25.2, baseFrames: 250, grid },
  encoder: { name: 'libx264', preset: 'veryfast', crf: 23 },
  renditions: [{ name: '360p', width: 640, height: 360, maxBitrate: 800_000 }],
  audio: [{ name: 'audio-1', index: 1, label: 'Audio 1', bitrate: 128_000, sampleRate: 48_000, channels: 2 }],
}

function made(): { chunks: ChunkResult[]; audio: AudioResult[] } {
  const init = { key: 'i', sha256: 'a', bytes: 800, codec: 'avc1.64001e' }
  const chunks = grid.chunks.map((chunk) => ({
    chunk: chunk.index,
    attempt: 1,
    renditions: [
      {
        name: '360p',
        init: { ...init },
        segments: Array.from({ length: chunk.segments }, (_, n) => {
          const number = chunk.firstSegment + n
          const frames = segmentFramesAt(grid, number)
          return { key: `${number}`, number, bytes: 1000, start: 10 + number * 4, seconds: frames / 25, frames }
        }),
      },
    ],
  }))
  const segments = Array.from({ length: 7 }, (_, number) => {
    return { key: `${number}`, number, bytes: 64_000, start: 9.979 + number * 4, seconds: 4, frames: 188 }
  })
  return { chunks, audio: [{ track: 'audio-1', attempt: 1, init: { ...init, codec: 'mp4a.40.2' }, segments }] }
}
type Facts = ReturnType<typeof made>
const part = (facts: Facts, chunk: number) => {
  const rendition = facts.chunks[chunk]?.renditions[0]
  if (!rendition) throw new Error('no such chunk')
  return rendition
}

test('what was made as planned passes', () => {
  expect(() => verifyHls({ plan, ...made() })).not.toThrow()
})

const faults: [string, RegExp, (facts: Facts) => unknown][] = [
  ['a missing chunk', /chunk 1 is there 0 times/, (facts) => facts.chunks.splice(1, 1)],
  ['a chunk twice', /chunk 0 is there 2 times/, (facts) => facts.chunks.push(...made().chunks.slice(0, 1))],
  ['a missing rendition', /360p is missing/, (facts) => facts.chunks[1]?.renditions.pop()],
  ['a missing segment', /segments, 2 were planned/, (facts) => part(facts, 1).segments.pop()],
  ['a lost frame', /99 of 100 frames/, (facts) => Object.assign(part(facts, 1).segments[0] ?? {}, { frames: 99 })],
  ['a piece at the wrong time', /starts at/, (facts) => Object.assign(part(facts, 1).segments[0] ?? {}, { start: 0 })],
  ['an init segment of its own', /2 different init/, (facts) => Object.assign(part(facts, 1).init, { sha256: 'b' })],
  ['no sound', /audio-1 is missing/, (facts) => facts.audio.pop()],
  ['sound that ends early', /audio-1 ends at/, (facts) => facts.audio[0]?.segments.splice(3)],
  [
    'a hole in the sound',
    /a gap after segment/,
    (facts) => Object.assign(facts.audio[0]?.segments[2] ?? {}, { seconds: 3 }),
  ],
  [
    'sound that starts late',
    /audio-1 starts/,
    (facts) => Object.assign(facts.audio[0]?.segments[0] ?? {}, { start: 10.5 }),
  ],
]

test.each(faults)('%s does not pass', (_, problem, spoil) => {
  const facts = made()
  spoil(facts)
  expect(hlsProblems({ plan, ...facts }).join('; ')).toMatch(problem)
  expect(() => verifyHls({ plan, ...facts })).toThrow(expect.objectContaining({ code: 'output_invalid' }))
})
