import HLS from 'hls-parser'
import { beforeAll, expect, test } from 'vitest'
import { averageRate, peakRate } from './bandwidth.ts'
import { planGrid, segmentFramesAt } from './grid.ts'
import type { Track } from './hls-facts.ts'
import { isPlayable, masterPlaylist, playlistFiles, renditionFacts } from './playlists.ts'
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
const pictures: Track[] = plan.renditions.map(({ name }, r) => ({
  name,
  init: { ...init, codec: 'avc1.64001e' },
  segments: Array.from({ length: grid.segments }, (_, number) => {
    const frames = segmentFramesAt(grid, number)
    const key = `hls/${name}/${grid.chunks.findLastIndex((chunk) => chunk.firstSegment <= number)}-2-${number}.m4s`
    const bytes = (number + 1) * 10_000 * (2 - r)
    return { key, number, bytes, start: 10 + number * 4, seconds: framesToSeconds(frames, fps), frames }
  }),
}))
const sound: Track = {
  name: 'audio-1',
  init: { ...init, codec: 'mp4a.40.2' },
  segments: [{ key: 'hls/audio-1/1-0.m4s', number: 0, bytes: 64_000, start: 10, seconds: 4, frames: 188 }],
}
const tracks = [...pictures, sound]
/** What there is while only these segments are finished. */
const only = (numbers: number[]) =>
  tracks.map((track) => ({ ...track, segments: track.segments.filter(({ number }) => numbers.includes(number)) }))
const file = (state: 'event' | 'vod', made: Track[], name: string) =>
  playlistFiles({ plan, tracks: made, state }).find(({ key }) => key === name)?.text ?? ''

beforeAll(() => HLS.setOptions({ strictMode: true }))

test('the master says truthfully what was made, and a strict reader takes it', () => {
  const text = masterPlaylist({ plan, tracks })
  const soundRate = (64_000 * 8) / 4
  const segments = pictures[0]?.segments ?? []
  const peak = Math.ceil(peakRate({ segments, target: 4 }) + soundRate)
  const average = Math.ceil(averageRate(segments) + soundRate)
  expect(text.split('\n')).toEqual([
    ...['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-INDEPENDENT-SEGMENTS'],
    '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="audio-1/playlist.m3u8"',
    `#EXT-X-STREAM-INF:BANDWIDTH=${peak},AVERAGE-BANDWIDTH=${average},CODECS="avc1.64001e,mp4a.40.2",RESOLUTION=640x360,FRAME-RATE=25.000,AUDIO="audio"`,
    '360p/playlist.m3u8',
    expect.stringMatching(/^#EXT-X-STREAM-INF:.*RESOLUTION=426x240/),
    ...['240p/playlist.m3u8', ''],
  ])
  expect(HLS.parse(text)).toMatchObject({ isMasterPlaylist: true, independentSegments: true })
  expect(renditionFacts({ plan, tracks })[0]).toMatchObject({ name: '360p', bandwidth: peak, frameRate: 25 })
})

test('a finished list has every segment once, in order, and an end', () => {
  const text = file('vod', tracks, 'hls/360p/playlist.m3u8')
  const list = HLS.parse(text)
  if (list.isMasterPlaylist) throw new Error('a media playlist was expected')
  expect(list).toMatchObject({ playlistType: 'VOD', endlist: true, targetDuration: 4 })
  expect(list.segments.map((segment) => segment.uri)).toEqual(
    pictures[0]?.segments.map(({ key }) => key.slice('hls/360p/'.length)),
  )
  expect(list.segments.at(-1)?.duration).toBeCloseTo(1.2)
  expect(text).not.toContain('DISCONTINUITY')
})

test('a growing list holds only the unbroken run from the first segment, and starts players at the beginning', () => {
  const text = file('event', only([0, 1, 4, 5]), 'hls/360p/playlist.m3u8')
  expect(text).toContain('#EXT-X-START:TIME-OFFSET=0')
  expect(text).not.toContain('#EXT-X-ENDLIST')
  expect(text.match(/\.m4s/g)).toHaveLength(2)
  expect(HLS.parse(text)).toMatchObject({ playlistType: 'EVENT' })
})

test('viewers can start once every rendition and every sound track has its first segment', () => {
  expect(isPlayable({ plan, tracks: only([0]) })).toBe(true)
  expect(isPlayable({ plan, tracks: only([1, 2]) })).toBe(false)
  for (const { name } of tracks) {
    expect(isPlayable({ plan, tracks: tracks.filter((track) => track.name !== name) }), name).toBe(false)
  }
})

test('a growing list only ever gets longer', () => {
  const upTo = (count: number) => only(Array.from({ length: count }, (_, n) => n))
  const lists = Array.from({ length: grid.segments }, (_, n) => file('event', upTo(n + 1), 'hls/240p/playlist.m3u8'))
  for (const [n, list] of lists.entries()) expect(lists[n + 1] ?? list).toContain(list)
})
