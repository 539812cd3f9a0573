import { expect, test } from 'vitest'
import { safetyArgs } from '../../core/media/ffmpeg-args.ts'
import type { VideoInfo } from '../../core/media/media-info.ts'
import { readTimes, type TileSearch, tileArgs } from './storyboard-args.ts'

const video: VideoInfo = {
  ...{ index: 1, codec: 'h264', codedWidth: 1920, codedHeight: 1080, width: 1920, height: 1080 },
  ...{ sar: { num: 1, den: 1 }, rotation: 0, mirrored: false, constantRate: true, bitDepth: 8 },
  ...{ hdr: false, interlaced: false, colorSpace: 'bt709' },
}
const args = (search: TileSearch, facts: Partial<VideoInfo> = {}) =>
  tileArgs({
    ...{ path: '/scratch/source', video: { ...video, ...facts }, search, size: { width: 160, height: 90 } },
    ...{ interval: 5, origin: 1.5, seekZero: 1.4, atMost: 13 },
    files: { pictures: '/scratch/tiles-0.rgb', times: '/scratch/tiles-0.txt' },
  })
const input = (list: string[]) => list.slice(0, list.indexOf('-i'))

test('one pass reads and decodes keyframes alone, and keeps the first of each interval with its time', () => {
  const each =
    'select=isnan(prev_selected_t)+floor((t-1.500000+0.002)/5.000000)-floor((prev_selected_t-1.500000+0.002)/5.000000)'
  const output = ['-fps_mode', 'passthrough', '-enc_time_base', '1:1000000', '-frames:v', '13']
  expect(args({ kind: 'keyframes' })).toEqual([
    ...['-threads', '1', '-skip_loop_filter', 'all', ...safetyArgs(), '-copyts'],
    ...['-discard:1', 'nokey', '-skip_frame', 'nokey', '-i', 'file:/scratch/source'],
    ...['-filter_complex', `[0:1]${each},scale=160:90:flags=area,format=rgb24,split[p][t]`],
    ...['-map', '[p]', ...output, '-f', 'rawvideo', 'file:/scratch/tiles-0.rgb'],
    ...['-map', '[t]', '-c:v', 'rawvideo', ...output, '-f', 'framecrc', 'file:/scratch/tiles-0.txt'],
  ])
})

test('a jump lands on the keyframe before its moment; frame by frame, every picture that others need is decoded', () => {
  expect(input(args({ kind: 'keyframe', at: 20 })).slice(-6)).toEqual([
    ...['-copyts', '-skip_frame', 'nokey', '-noaccurate_seek', '-ss', '20.100000'],
  ])
  const frames = input(args({ kind: 'frames', from: 10, to: 40 }))
  expect(frames.slice(0, 4)).toEqual(['-threads', '1', '-skip_frame', 'noref'])
  expect(frames.slice(-5)).toEqual(['-copyts', '-ss', '10.100000', '-t', '30.000000'])
})

test('HDR is tone-mapped', () => {
  expect(args({ kind: 'keyframes' }, { hdr: 'hlg' }).join(' ')).toContain('lut3d=file=tone-hlg.cube')
})

test('times are read in whatever ticks they are listed', () => {
  const list =
    '#software: x\n#tb 0: 1/1000\n#media_type 0: video\n0, -40, -40, 1, 43200, 0x1\n0, 5000, 5000, 1, 43200, 0x2\n'
  expect(readTimes(list)).toEqual([-0.04, 5])
  expect(readTimes('nothing of the kind')).toEqual([])
})
