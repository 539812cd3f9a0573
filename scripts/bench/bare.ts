import type { Grid } from '../../core/media/grid.ts'
import type { VideoPlan } from '../../core/media/video-plan.ts'

/** What of a plan decides the outputs. */
export type BarePlan = Pick<VideoPlan, 'fps' | 'encoder' | 'renditions'> & { grid: Pick<Grid, 'gop' | 'segmentFrames'> }

type Bare = { plan: BarePlan; source: string; folder: string }

const quiet = ['-nostdin', '-hide_banner', '-v', 'error', '-y']

/** What somebody would type who wants the same outputs and has no house: one decode, every rung, sound apart, HLS in fMP4. */
export function bareCommand({ plan, source, folder }: Bare): string[] {
  const rungs = plan.renditions
  const split = `[0:v]split=${rungs.length}${rungs.map((_, n) => `[s${n}]`).join('')}`
  const scales = rungs.map(({ width, height }, n) => `[s${n}]scale=${width}:${height}[v${n}]`)
  return [
    ...quiet,
    ...['-i', source, '-filter_complex', [split, ...scales].join(';')],
    ...rungs.flatMap((_, n) => ['-map', `[v${n}]`, ...picture(plan, n, `:v:${n}`)]),
    ...['-map', '0:a', ...sound],
    ...hls(plan),
    ...['-var_stream_map', [...rungs.map((_, n) => `v:${n},agroup:audio`), 'a:0,agroup:audio'].join(' ')],
    ...['-master_pl_name', 'master.m3u8', '-hls_segment_filename', `${folder}/%v-%d.m4s`, `${folder}/%v.m3u8`],
  ]
}

/** The same with a process per rung, each decoding for itself, and one for the sound. */
export function perRungCommands({ plan, source, folder }: Bare): string[][] {
  const out = (name: string) => ['-hls_segment_filename', `${folder}/${name}-%d.m4s`, `${folder}/${name}.m3u8`]
  const init = (name: string) => ['-hls_fmp4_init_filename', `${name}.mp4`]
  return [
    ...plan.renditions.map(({ name, width, height }, n) => [
      ...[...quiet, '-i', source, '-map', '0:v', '-vf', `scale=${width}:${height}`],
      ...[...picture(plan, n, ':v'), ...hls(plan), ...init(name), ...out(name)],
    ]),
    [...quiet, '-i', source, '-map', '0:a', ...sound, ...hls(plan), ...init('audio'), ...out('audio')],
  ]
}

/** x264 as the plan has it, its threads left to itself. */
function picture({ encoder, grid, renditions }: BarePlan, rung: number, stream: string): string[] {
  const cap = renditions[rung]?.maxBitrate ?? 0
  const gop = String(grid.gop)
  return [
    [`-c${stream}`, encoder.name],
    [`-preset${stream}`, encoder.preset],
    [`-profile${stream}`, 'high'],
    [`-pix_fmt${stream}`, 'yuv420p'],
    [`-crf${stream}`, String(encoder.crf)],
    [`-maxrate${stream}`, String(cap)],
    [`-bufsize${stream}`, String(2 * cap)],
    [`-g${stream}`, gop],
    [`-keyint_min${stream}`, gop],
    [`-sc_threshold${stream}`, '0'],
  ].flat()
}

const sound = ['-c:a', 'aac', '-b:a', '128k', '-ar', '48000', '-ac', '2']

const hls = ({ grid, fps }: BarePlan) => [
  ...['-f', 'hls', '-hls_segment_type', 'fmp4', '-hls_playlist_type', 'vod', '-hls_list_size', '0'],
  ...['-hls_time', String((grid.segmentFrames * fps.den) / fps.num)],
]
