import { expect, test } from 'vitest'
import { planGrid, segmentFramesAt } from '../../core/media/grid.ts'
import type { Track } from '../../core/media/hls-facts.ts'
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

const init = { key: 'i', sha256: 'a', bytes: 800, codec: 'avc1.64001e' }
const made = (): { pictures: Track; sound: Track } => ({
  pictures: {
    name: '360p',
    init,
    segments: Array.from({ length: grid.segments }, (_, number) => {
      const frames = segmentFramesAt(grid, number)
      return { key: `${number}`, number, bytes: 1000, start: 10 + number * 4, seconds: frames / 25, frames }
    }),
  },
  sound: {
    name: 'audio-1',
    init: { ...init, codec: 'mp4a.40.2' },
    segments: Array.from({ length: 7 }, (_, number) => {
      return { key: `${number}`, number, bytes: 64_000, start: 9.979 + number * 4, seconds: 4, frames: 188 }
    }),
  },
})
type Facts = ReturnType<typeof made>
const change = (track: Track, number: number, facts: object) => Object.assign(track.segments[number] ?? {}, facts)

test('what was made as planned passes', () => {
  expect(() => verifyHls({ plan, tracks: Object.values(made()) })).not.toThrow()
})

const faults: [string, RegExp, (facts: Facts) => unknown][] = [
  ['a missing rendition', /360p is missing/, (facts) => Object.assign(facts.pictures, { name: 'other' })],
  ['a missing segment', /6 segments, 7 were planned/, ({ pictures }) => pictures.segments.pop()],
  ['a segment twice', /segment 2 where 3 was/, ({ pictures }) => change(pictures, 3, { number: 2 })],
  ['a lost frame', /99 of 100 frames/, ({ pictures }) => change(pictures, 1, { frames: 99 })],
  ['a piece at the wrong time', /starts at/, ({ pictures }) => change(pictures, 1, { start: 0 })],
  ['a piece a little late', /a gap after segment 2/, ({ pictures }) => change(pictures, 3, { start: 22.01 })],
  ['no sound', /audio-1 is missing/, (facts) => Object.assign(facts.sound, { name: 'other' })],
  ['sound that ends early', /audio-1 ends at/, ({ sound }) => sound.segments.splice(3)],
  ['a hole in the sound', /a gap after segment/, ({ sound }) => change(sound, 2, { seconds: 3 })],
  ['sound that starts late', /audio-1 starts/, ({ sound }) => change(sound, 0, { start: 10.5 })],
]

test.each(faults)('%s does not pass', (_, problem, spoil) => {
  const facts = made()
  spoil(facts)
  const tracks = Object.values(facts)
  expect(hlsProblems({ plan, tracks }).join('; ')).toMatch(problem)
  expect(() => verifyHls({ plan, tracks })).toThrow(expect.objectContaining({ code: 'output_invalid' }))
})
