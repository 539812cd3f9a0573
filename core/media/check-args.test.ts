import { expect, test } from 'vitest'
import { checkArgs, readDecoded } from './check-args.ts'
import { safetyArgs } from './ffmpeg-args.ts'

test('all samples are decoded by one run, each from its own keyframe on, and none is repaired', () => {
  const decoder = [...safetyArgs(), '-err_detect', 'explode', '-skip_loop_filter', 'all']
  const args = checkArgs([
    { file: '/s/first.mp4', media: 'video', length: 0.02 },
    { file: '/s/last.mp4', media: 'video', from: 2.02 },
    { file: '/s/sound.mp4', media: 'audio' },
  ])
  expect(args).toEqual([
    ...['-xerror', '-copyts'],
    ...[...decoder, '-t', '0.020000', '-i', 'file:/s/first.mp4'],
    ...[...decoder, '-noaccurate_seek', '-ss', '2.020000', '-i', 'file:/s/last.mp4'],
    ...[...decoder, '-i', 'file:/s/sound.mp4'],
    ...['-map', '0:v:0', '-map', '1:v:0', '-map', '2:a:0', '-fps_mode', 'passthrough', '-f', 'framecrc', 'pipe:1'],
  ])
})

test('what ffmpeg prints is read by sample: counts, times in seconds, sizes; what gave nothing counts nothing', () => {
  const text = `#software: Lavf59.27.100
#tb 0: 1/25
#dimensions 0: 640x360
#tb 1: 1/48000
#sample_rate 1: 48000
0,        250,        250,        1,   345600, 0xc0d60c18
1,     480000,     480000,     1024,     4096, 0x8af579a2
0,        252,        252,        1,   345600, 0xc0d60c18
0,        251,        251,        1,   345600, 0xc0d60c18
`
  expect(readDecoded(text, 3)).toEqual([
    { count: 3, first: 10, last: 10.08, width: 640, height: 360 },
    { count: 1, first: 10, last: 10, rate: 48_000 },
    { count: 0 },
  ])
})
