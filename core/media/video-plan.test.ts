import { expect, test } from 'vitest'
import { SluiceError } from '../errors.ts'
import { defaultProfile } from './built-in-profiles.ts'
import type { MediaInfo, VideoInfo } from './media-info.ts'
import { planVideo } from './video-plan.ts'

const video: VideoInfo = {
  index: 0,
  codec: 'h264',
  codedWidth: 640,
  codedHeight: 360,
  width: 640,
  height: 360,
  sar: { num: 1, den: 1 },
  rotation: 0,
  mirrored: false,
  fps: { num: 25, den: 1 },
  constantRate: true,
  duration: 5,
  startTime: 0,
  bitDepth: 8,
  hdr: false,
  interlaced: false,
}
const info: MediaInfo = {
  kind: 'video',
  container: 'mov',
  duration: 5,
  startTime: 0,
  video,
  audio: [],
  subtitles: [],
  dataStreams: 0,
}
const plan = (facts: Partial<MediaInfo>, picture: Partial<VideoInfo> = {}) =>
  planVideo({ info: { ...info, video: { ...video, ...picture }, ...facts }, profile: defaultProfile })

test('a plan is plain values: through JSON it stays the same', () => {
  const made = plan({})
  expect(JSON.parse(JSON.stringify(made))).toEqual(made)
  expect(made).toMatchObject({ origin: 0, duration: 5, baseFrames: 250, fps: { num: 25, den: 1 } })
})

test('the base is a whole number of frames at every rate', () => {
  expect(plan({}, { fps: { num: 30_000, den: 1001 } }).baseFrames).toBe(300)
  expect(plan({}, { fps: { num: 29_917, den: 1000 } }).baseFrames).toBe(300)
})

test('an encoder delay before the first picture is cut off, a real lead is kept in whole frames', () => {
  const sound = { index: 1, codec: 'aac', channels: 2 }
  const late = plan({ audio: [{ ...sound, startTime: 0 }] }, { startTime: 0.023 })
  expect(late).toMatchObject({ origin: 0.023, grid: { frames: 125 } })
  const lead = plan({ audio: [{ ...sound, startTime: 0 }] }, { startTime: 1.01 })
  expect(lead.origin).toBeCloseTo(0.01)
  expect(lead.grid.frames).toBe(150)
})

test('sound that begins before a silent first stream moves nothing', () => {
  expect(plan({ startTime: 1.4 }, { startTime: 1.4 })).toMatchObject({
    origin: 1.4,
    seekZero: 1.4,
    grid: { frames: 125 },
  })
})

test('where seeking is a guess, the whole file is one piece', () => {
  const long = { duration: 300 }
  expect(plan({ container: 'mpegts', ...long }, long).grid.chunks).toHaveLength(1)
  expect(plan({ container: 'matroska', ...long }, long).grid.chunks.length).toBeGreaterThan(5)
})

test('small pictures without tags are BT.601, large ones BT.709, as players take them', () => {
  expect(plan({}).picture.matrix).toBe('bt601')
  expect(plan({}, { codedHeight: 720, codedWidth: 1280 }).picture.matrix).toBe('bt709')
  expect(plan({}, { colorSpace: 'bt709' }).picture.matrix).toBe('bt709')
  expect(plan({}, { pixFmt: 'gbrp' }).picture).not.toHaveProperty('matrix')
})

test('every language is a track of its own, with a name of its own', () => {
  const tracks = [{ language: 'en' }, { language: 'de' }, { language: 'en' }, {}].map((track, n) => ({
    index: n + 1,
    codec: 'aac',
    ...track,
  }))
  expect(plan({ audio: tracks }).audio.map(({ name, label, index }) => `${name} ${label} ${index}`)).toEqual([
    'audio-1 English 1',
    'audio-2 German 2',
    'audio-3 English 2 3',
    'audio-4 Audio 4 4',
  ])
})

test('a video whose length nobody knows is not planned', () => {
  const { duration: _, ...endless } = video
  const { duration: __, ...unknown } = info
  expect(() => planVideo({ info: { ...unknown, video: endless }, profile: defaultProfile })).toThrow(SluiceError)
})

test('the sound that plays first is the one the source wants, but never one that talks about the film', () => {
  const track = (n: number, more: object) => ({ index: n, codec: 'aac', channels: 2, startTime: 0, ...more })
  const firsts = (...tracks: object[]) =>
    plan({ audio: tracks.map((more, n) => track(n + 1, more)) }).audio.map((sound) => sound.default === true)
  expect(firsts({}, { default: true })).toEqual([false, true])
  expect(firsts({ default: true }, { default: true })).toEqual([true, false])
  expect(firsts({ default: true, commentary: true }, {}, {})).toEqual([false, true, false])
  expect(firsts({ describesVideo: true }, {})).toEqual([false, true])
  expect(firsts({ commentary: true })).toEqual([true])
})

test('text subtitles are planned, pictures of text and what a profile switches off are not', () => {
  const subtitles = [
    { index: 3, codec: 'subrip', language: 'en', default: true as const },
    { index: 4, codec: 'hdmv_pgs_subtitle', language: 'fr' },
    { index: 5, codec: 'ass', language: 'en', forced: true as const },
    { index: 6, codec: 'mov_text', title: 'For "all"', hearingImpaired: true as const },
    { index: 7 },
  ]
  expect(plan({ subtitles }).texts).toEqual([
    { name: 'text-1', index: 3, label: 'English', language: 'en' },
    { name: 'text-2', index: 5, label: 'English 2', language: 'en', forced: true },
    { name: 'text-3', index: 6, label: 'For "all"', hearingImpaired: true },
  ])
  expect(plan({})).not.toHaveProperty('texts')
  const without = planVideo({ info: { ...info, subtitles }, profile: { ...defaultProfile, subtitles: false } })
  expect(without).not.toHaveProperty('texts')
})
