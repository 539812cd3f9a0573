import fc from 'fast-check'
import { expect, test } from 'vitest'
import { safetyArgs } from '../../core/media/ffmpeg-args.ts'
import type { MediaInfo, VideoInfo } from '../../core/media/media-info.ts'
import { clipPoint, frameArgs, keyframePoints, openingPoint, sampleArgs, sampleSize } from './stills-args.ts'

const video: VideoInfo = {
  index: 1,
  codec: 'h264',
  codedWidth: 1920,
  codedHeight: 1080,
  width: 1080,
  height: 1920,
  sar: { num: 1, den: 1 },
  rotation: 90,
  mirrored: false,
  fps: { num: 30, den: 1 },
  constantRate: true,
  bitDepth: 8,
  hdr: false,
  interlaced: false,
}
const info = (facts: Partial<MediaInfo>): MediaInfo => ({
  kind: 'video',
  container: 'mov',
  audio: [],
  subtitles: [],
  dataStreams: 0,
  video,
  ...facts,
})
const path = '/scratch/source'

test('a sample decodes one keyframe to a small grey picture, with every safety option', () => {
  expect(sampleArgs({ path, video, point: { kind: 'keyframe', seek: 60 }, size: sampleSize(video) })).toEqual([
    ...['-threads', '1', ...safetyArgs(), '-skip_frame', 'nokey', '-noaccurate_seek', '-ss', '60.000000'],
    ...['-i', 'file:/scratch/source', '-map', '0:1', '-an', '-sn', '-dn', '-map_metadata', '-1', '-map_chapters', '-1'],
    ...['-vf', 'scale=90:160:flags=area,format=gray', '-fps_mode', 'passthrough', '-frames:v', '1'],
    ...['-f', 'rawvideo', 'pipe:1'],
  ])
})

test('a frame of the opening is found again by the same choice', () => {
  const args = frameArgs({
    path,
    video,
    point: { kind: 'stretch', length: 8, count: 8, pick: 3 },
    size: { width: 1080, height: 1920 },
  })
  expect(args[args.indexOf('-vf') + 1]).toBe(
    'select=isnan(prev_selected_t)+gte(t-prev_selected_t\\,1.000000),select=eq(n\\,3),' +
      'scale=1080:1920:flags=lanczos+accurate_rnd+full_chroma_int:in_color_matrix=bt709,format=rgb24',
  )
})

test('HDR is tone-mapped and interlaced video is not left combed', () => {
  const args = frameArgs({
    path,
    video: { ...video, hdr: 'pq', interlaced: true },
    point: { kind: 'keyframe', seek: 1 },
    size: video,
  })
  const filters = args[args.indexOf('-vf') + 1]
  expect(filters).toMatch(
    /^bwdif=mode=send_frame,scale=1080:1920:.*in_color_matrix=bt2020:in_range=tv,format=gbrp12,lut3d=file=tone-pq.cube/,
  )
})

test('the points lie inside the video, in order, and no more than eight are asked for however long it is', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.001, max: 50_000, noNaN: true }), (duration) => {
      const points = keyframePoints({ info: info({ duration }) }).map((point) =>
        point.kind === 'keyframe' ? point.seek : -1,
      )
      expect(points.length).toBeLessThanOrEqual(8)
      expect(points.length).toBeGreaterThanOrEqual(2)
      expect([...points].sort((a, b) => a - b)).toEqual(points)
      expect(points[0]).toBeGreaterThan(0)
      expect(points.at(-1)).toBeLessThan(duration)
    }),
  )
})

test('without a known duration only the opening is looked at, and never more of it than is affordable', () => {
  expect(keyframePoints({ info: info({}) })).toEqual([])
  expect(openingPoint({ info: info({}) })).toEqual({ kind: 'stretch', length: 30, count: 8 })
  const large = info({ video: { ...video, width: 3840, height: 2160, fps: { num: 60, den: 1 } } })
  expect(openingPoint({ info: large })).toMatchObject({ length: 3.75 })
})

test('a clip is looked at in one pass, unless it is large, has fields, or is made of nothing but keyframes', () => {
  const clip = { ...video, duration: 16 }
  expect(clipPoint({ info: info({ video: clip }) })).toMatchObject({ length: 16, count: 8, keyframesOnly: true })
  const others = [
    { duration: 16.1 },
    { interlaced: true },
    { codec: 'prores' },
    { codedWidth: 3840, codedHeight: 2160 },
  ]
  for (const other of others) expect(clipPoint({ info: info({ video: { ...clip, ...other } }) })).toBeUndefined()
  expect(clipPoint({ info: info({}) })).toBeUndefined()
})
