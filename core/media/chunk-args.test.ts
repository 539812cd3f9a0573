import { expect, test } from 'vitest'
import { audioArgs } from './audio-args.ts'
import { chunkArgs } from './chunk-args.ts'
import { safetyArgs } from './ffmpeg-args.ts'
import { chunkGraph } from './filters.ts'
import { planGrid } from './grid.ts'
import { withoutGaps } from './sound-gaps.ts'
import type { VideoPlan } from './video-plan.ts'

const fps = { num: 30_000, den: 1001 }
const plan: VideoPlan = {
  version: 1,
  picture: { index: 1, deinterlace: false, toneMap: false, matrix: 'bt709', range: 'tv' },
  origin: 0.5,
  seekZero: 0,
  fps,
  duration: 20.02,
  baseFrames: 300,
  grid: planGrid({ frames: 600, fps, chunking: 'grid', chunkSeconds: 8, firstChunkSegments: 1 }),
  encoder: { name: 'libx264', preset: 'veryfast', crf: 23 },
  renditions: [
    { name: '360p', width: 640, height: 360, maxBitrate: 800_000 },
    { name: '240p', width: 426, height: 240, maxBitrate: 400_000 },
  ],
  audio: [{ name: 'audio-1', index: 2, label: 'English', bitrate: 128_000, sampleRate: 48_000, channels: 2 }],
}
const [first, second, last] = plan.grid.chunks
const common = { plan, sourcePath: '/scratch/source', scratch: '/scratch/out' }

const output = (name: string, map: string, cap: number, number: string) => [
  ...['-map', map, '-fps_mode', 'passthrough'],
  ...['-c:v', 'libx264', '-preset', 'veryfast', '-profile:v', 'high', '-pix_fmt', 'yuv420p'],
  ...['-crf', '23', '-maxrate', String(cap), '-bufsize', String(2 * cap)],
  ...['-g', '60', '-keyint_min', '60', '-sc_threshold', '0', '-flags', '+cgop'],
  ...['-color_primaries', 'bt709', '-color_trc', 'bt709', '-colorspace', 'bt709', '-color_range', 'tv'],
  ...['-fflags', '+bitexact', '-map_metadata', '-1', '-map_chapters', '-1', '-avoid_negative_ts', 'disabled'],
  ...['-f', 'hls', '-hls_segment_type', 'fmp4', '-hls_segment_options', 'movflags=+frag_discont'],
  ...['-hls_flags', 'temp_file', '-hls_playlist_type', 'vod', '-hls_list_size', '0'],
  ...['-hls_time', '4.004000', '-start_number', number, '-hls_fmp4_init_filename', 'init.mp4'],
  ...['-hls_segment_filename', `/scratch/out/${name}/%d.m4s`, `/scratch/out/${name}/local.m3u8`],
]
const tags = 'setsar=1,format=yuv420p,setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709'
const scale = 'scale=640:360:flags=bicubic'
const split = 'split=2[v0][s1];[s1]scale=426:240:flags=bicubic,setsar=1[v1]'

test('a chunk in the middle: one decode from before its first frame, both renditions, on the common timeline', () => {
  if (!second) throw new Error('three chunks were planned')
  expect(chunkArgs({ ...common, chunk: second })).toEqual([
    ...safetyArgs(),
    ...['-copyts', '-noaccurate_seek', '-ss', '4.504000', '-i', 'file:/scratch/source'],
    '-filter_complex',
    `[0:1]setpts=round(PTS-4.504000/TB),fps=30000/1001:start_time=0,trim=end_frame=240,setpts=PTS+420,${scale},${tags},${split}`,
    ...output('360p', '[v0]', 800_000, '1'),
    ...output('240p', '[v1]', 400_000, '1'),
  ])
})

test('the first chunk does not seek, the last one may hold its last picture', () => {
  if (!first || !last) throw new Error('three chunks were planned')
  expect(chunkArgs({ ...common, chunk: first })).not.toContain('-ss')
  expect(chunkGraph({ plan, chunk: first })).not.toContain('tpad')
  expect(chunkGraph({ plan, chunk: last })).toContain(
    'tpad=stop_mode=clone:stop_duration=1,trim=end_frame=240,setpts=PTS+660',
  )
})

test('colours are turned where they are others than those that come out, and each size is made from the one above it', () => {
  if (!first) throw new Error('three chunks were planned')
  const picture = { index: 0, deinterlace: false, toneMap: false, matrix: 'bt601', range: 'pc' } as const
  const renditions = [...plan.renditions, { name: '144p', width: 256, height: 144, maxBitrate: 200_000 }]
  const graph = chunkGraph({ plan: { ...plan, picture, renditions }, chunk: first })
  const colours = 'in_color_matrix=bt601:out_color_matrix=bt709:in_range=pc:out_range=tv'
  expect(graph.slice(graph.indexOf('scale='))).toBe(
    [
      `scale=640:360:flags=bicubic:${colours},${tags},split=2[v0][s1]`,
      '[s1]scale=426:240:flags=bicubic,setsar=1,split=2[v1][s2]',
      '[s2]scale=256:144:flags=bicubic,setsar=1[v2]',
    ].join(';'),
  )
})

test('HDR is tone-mapped at the size it is shown, interlaced pictures are woven before anything else', () => {
  if (!first) throw new Error('three chunks were planned')
  const hdr = chunkGraph({ plan: { ...plan, picture: { index: 0, deinterlace: true, toneMap: 'pq' } }, chunk: first })
  expect(hdr).toMatch(/^\[0:0\]bwdif=/)
  expect(hdr).toContain(
    'in_color_matrix=bt2020:in_range=tv,format=gbrp12,lut3d=file=tone-pq.cube:interp=tetrahedral,scale=out_',
  )
})

test('sound is one whole on the same timeline, with silence where it has none', () => {
  const args = audioArgs(common)
  expect(args.slice(args.indexOf('-copyts'), args.indexOf('-fflags'))).toEqual([
    ...['-copyts', '-i', 'file:/scratch/source', '-map', '0:2', '-filter:a'],
    `asetpts=round(PTS-0.500000/TB),${withoutGaps({ sampleRate: 48_000, layout: 'stereo' })},` +
      'apad=whole_len=960960,asetpts=PTS+480480',
    ...['-c:a', 'aac', '-profile:a', 'aac_low', '-b:a', '128000', '-ar', '48000', '-ac', '2'],
  ])
})

test('on a part of the processors each encoder is told how many threads to start, and without that none is', () => {
  if (!second) throw new Error('three chunks were planned')
  const args = chunkArgs({ ...common, chunk: second, cpus: 4 })
  expect(args.flatMap((word, n) => (word === '-threads:v' ? [args[n + 1]] : []))).toEqual(['6', '6'])
  expect(chunkArgs({ ...common, chunk: second })).not.toContain('-threads:v')
})

test('pictures that come out late are put back, and sought a second early', () => {
  if (!second) throw new Error('three chunks were planned')
  const late = { ...plan, picture: { ...plan.picture, delay: 0.08 } }
  const args = chunkArgs({ ...common, plan: late, chunk: second })
  expect(args[args.indexOf('-ss') + 1]).toBe('3.504000')
  expect(chunkGraph({ plan: late, chunk: second })).toContain('setpts=round(PTS-4.584000/TB)')
})
