import { expect, test } from 'vitest'
import { defaultProfile } from './built-in-profiles.ts'
import type { MediaInfo } from './media-info.ts'
import { loudnessArgs, m4aArgs } from './sound-args.ts'
import { planSound } from './sound-plan.ts'

const recording = (container: string, channels: number): MediaInfo => ({
  ...{ kind: 'audio', container, duration: 12, subtitles: [], dataStreams: 0 },
  audio: [{ index: 1, codec: 'any', channels }],
})

function planned(container: string, channels: number) {
  const plan = planSound({ info: recording(container, channels), profile: defaultProfile, maxSeconds: 60 })
  if (!plan) throw new Error('no sound was planned')
  return plan
}
const afterInput = (args: string[]) => args.slice(args.indexOf('-i') + 1)

test('one decode makes the file and the samples; its loudness goes by on a pipe of its own', () => {
  const args = m4aArgs({ plan: planned('mp3', 1), sourcePath: '/in/source' })
  expect(args.slice(0, 4)).toEqual(['-protocol_whitelist', 'file,crypto,data', '-format_whitelist', expect.any(String)])
  expect(afterInput(args)).toEqual([
    'file:/in/source',
    ...['-filter_complex', expect.any(String), '-map', '[file]'],
    ...['-fflags', '+bitexact', '-map_metadata', '-1', '-map_metadata:s', '-1', '-map_chapters', '-1'],
    ...['-c:a', 'aac', '-profile:a', 'aac_low', '-b:a', '64000', '-t', '61.000000'],
    ...['-movflags', '+faststart', '-f', 'mp4', 'audio.m4a', '-map', '[samples]'],
    ...['-fflags', '+bitexact', '-map_metadata', '-1', '-map_metadata:s', '-1', '-map_chapters', '-1'],
    ...['-c:a', 'pcm_s16le', '-t', '61.000000', '-f', 's16le', 'pipe:1'],
  ])
  expect(args[args.indexOf('-filter_complex') + 1]).toBe(
    '[0:1]aresample=48000,asetpts=N/SR/TB,aformat=channel_layouts=mono,asplit=2[file][bare];' +
      '[bare]ebur128=peak=true:metadata=1,ametadata=mode=print:file=pipe\\\\:4,aformat=sample_fmts=s16[samples]',
  )
})

const graphOf = (args: string[]) => args[args.indexOf('-filter_complex') + 1] ?? ''
const common = { sourcePath: '/in/source' }

test('times count where the container writes them down, and many channels are not mixed but left out', () => {
  const graph = (container: string, channels: number) =>
    graphOf(m4aArgs({ plan: planned(container, channels), ...common }))
  expect(graph('matroska', 6)).toMatch(
    /^\[0:1\]aresample=48000,.*,aresample=48000:async=1:min_hard_comp=0\.1:first_pts=0,aformat=channel_layouts=stereo,/,
  )
  expect(graph('wav', 64)).toMatch(/^\[0:1\]pan=stereo\|c0=c0\|c1=c1,aresample=48000,asetpts=N\/SR\/TB,/)
})

test('what is long enough gets segments of the same packets', () => {
  const info = { ...recording('mp3', 2), duration: 601 }
  const plan = planSound({ info, profile: defaultProfile, maxSeconds: 6000 })
  if (!plan) throw new Error('no sound was planned')
  const args = m4aArgs({ plan, ...common })
  expect(args[args.indexOf('tee') + 1]).toBe(
    '[f=mp4:movflags=+faststart]audio.m4a|[f=hls:hls_segment_type=fmp4:hls_segment_options=movflags=+frag_discont:' +
      'hls_flags=temp_file:hls_playlist_type=vod:hls_list_size=0:hls_time=4:hls_fmp4_init_filename=init.mp4:' +
      'hls_segment_filename=audio-1/%d.m4s]audio-1/local.m3u8',
  )
  expect(planned('mp3', 2).hls).toBe(false)
})

test('what is to be made louder is measured first, by itself', () => {
  const plan = planned('mp3', 2)
  expect(graphOf(loudnessArgs({ plan, ...common }))).toMatch(/channel_layouts=stereo,ebur128=.*\[samples\]$/)
  const gained = (limit: boolean) => graphOf(m4aArgs({ plan, ...common, gain: { gain: -3.25, limit } }))
  expect(gained(false)).toContain('channel_layouts=stereo,volume=-3.3dB,asplit=2[file][bare];[bare]aformat=')
  expect(gained(true)).toContain(',volume=-3.3dB,alimiter=limit=0.8913:level=0,asplit=2')
})
