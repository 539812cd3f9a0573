import HLS from 'hls-parser'
import { beforeAll, expect, test } from 'vitest'
import { averageRate, peakRate } from './bandwidth.ts'
import { planGrid, segmentFramesAt } from './grid.ts'
import type { AudioResult, ChunkResult } from './hls-facts.ts'
import { masterPlaylist, playlistFiles, renditionFacts } from './playlists.ts'
import { framesToSeconds } from './rational.ts'
import type { VideoPlan } from './video-plan.ts'

const fps = { num: 25, den: 1 }
const grid = planGrid({ frames: 1030, fps, chunking: 'grid', chunkSeconds: 16, firstChunkSegments: 1 })
const plan: VideoPlan = {
  version: 1,
  picture: { index: 0, deinterlace: false, toneMap: false },
  ...{ origin: 0, seekZero: 0, fps, duration: 41.2, baseFrames: 250, grid },
  encoder: { name: 'libx264', preset: 'veryfast', crf: 23 },
  renditions: [
    { name: '360p', width: 640, height: 360, maxBitrate: 800_000 },
    { name: '240p', width: 426, height: 240, maxBitrate: 400_000 },
  ],
  audio: [
    { name: 'audio-1', index: 1, label: 'English', language: 'en', bitrate: 128_000, sampleRate: 48_000, channels: 2 },
  ],
}
const init = { key: 'hls/x/init-abc.mp4', sha256: 'abc', bytes: 800 }
const chunks: ChunkResult[] = grid.chunks.map((chunk) => ({
  chunk: chunk.index,
  attempt: 2,
  renditions: plan.renditions.map(({ name }, r) => ({
    name,
    init: { ...init, codec: 'avc1.64001e' },
    segments: Array.from({ length: chunk.segments }, (_, n) => {
      const number = chunk.firstSegment + n
      const frames = segmentFramesAt(grid, number)
      const seconds = framesToSeconds(frames, fps)
      const start = 10 + number * 4
      return {
        key: `hls/${name}/${chunk.index}-2-${number}.m4s`,
        number,
        bytes: (number + 1) * 10_000 * (2 - r),
        start,
        seconds,
        frames,
      }
    }),
  })),
}))
const audio: AudioResult[] = [
  {
    track: 'audio-1',
    attempt: 1,
    init: { ...init, codec: 'mp4a.40.2' },
    segments: [{ key: 'hls/audio-1/1-0.m4s', number: 0, bytes: 64_000, start: 10, seconds: 4, frames: 188 }],
  },
]
const file = (state: 'event' | 'vod', made: ChunkResult[], name: string) =>
  playlistFiles({ plan, chunks: made, audio, state }).find(({ key }) => key === name)?.text ?? ''

beforeAll(() => HLS.setOptions({ strictMode: true }))

test('the master says truthfully what was made, and a strict reader takes it', () => {
  const text = masterPlaylist({ plan, chunks, audio })
  const sound = (64_000 * 8) / 4
  const segments = chunks.flatMap((chunk) => chunk.renditions[0]?.segments ?? [])
  const peak = Math.ceil(peakRate({ segments, target: 4 }) + sound)
  const average = Math.ceil(averageRate(segments) + sound)
  expect(text.split('\n')).toEqual([
    ...['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-INDEPENDENT-SEGMENTS'],
    '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="audio-1/playlist.m3u8"',
    `#EXT-X-STREAM-INF:BANDWIDTH=${peak},AVERAGE-BANDWIDTH=${average},CODECS="avc1.64001e,mp4a.40.2",RESOLUTION=640x360,FRAME-RATE=25.000,AUDIO="audio"`,
    '360p/playlist.m3u8',
    expect.stringMatching(/^#EXT-X-STREAM-INF:.*RESOLUTION=426x240/),
    ...['240p/playlist.m3u8', ''],
  ])
  expect(HLS.parse(text)).toMatchObject({ isMasterPlaylist: true, independentSegments: true })
  expect(renditionFacts({ plan, chunks, audio })[0]).toMatchObject({ name: '360p', bandwidth: peak, frameRate: 25 })
})

test('a finished list has every segment once, in order, and an end', () => {
  const text = file('vod', chunks.toReversed(), 'hls/360p/playlist.m3u8')
  const list = HLS.parse(text)
  if (list.isMasterPlaylist) throw new Error('a media playlist was expected')
  expect(list).toMatchObject({ playlistType: 'VOD', endlist: true, targetDuration: 4 })
  expect(list.segments.map((segment) => segment.uri)).toEqual(
    chunks.flatMap((chunk) => chunk.renditions[0]?.segments.map(({ key }) => key.slice('hls/360p/'.length)) ?? []),
  )
  expect(list.segments.at(-1)?.duration).toBeCloseTo(1.2)
  expect(text).not.toContain('DISCONTINUITY')
})

test('a growing list holds only the unbroken run from the first chunk, and starts players at the beginning', () => {
  const [first, , third] = chunks
  if (!first || !third) throw new Error('three chunks were planned')
  const text = file('event', [third, first], 'hls/360p/playlist.m3u8')
  expect(text).toContain('#EXT-X-START:TIME-OFFSET=0')
  expect(text).not.toContain('#EXT-X-ENDLIST')
  expect(text.match(/\.m4s/g)).toHaveLength(first.chunk + 1)
  expect(HLS.parse(text)).toMatchObject({ playlistType: 'EVENT' })
})

test('without its first chunk a video has no renditions yet', () => {
  expect(playlistFiles({ plan, chunks: chunks.slice(1), audio: [], state: 'event' }).map(({ key }) => key)).toEqual([
    'hls/master.m3u8',
  ])
})

test('a growing list only ever gets longer', () => {
  const lists = chunks.map((_, n) => file('event', chunks.slice(0, n + 1), 'hls/240p/playlist.m3u8'))
  for (const [n, list] of lists.entries()) expect(lists[n + 1] ?? list).toContain(list)
})
