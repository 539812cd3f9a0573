import { soundEncoderArgs } from './encoder.ts'
import { inputArgs, seconds } from './ffmpeg-args.ts'
import { peakCeiling } from './loudness.ts'
import { withoutGaps } from './sound-gaps.ts'
import { type SoundPlan, soundSegmentSeconds, soundTrack } from './sound-plan.ts'

export type Gain = { gain: number; limit: boolean }

/** Where ffmpeg writes the loudness so far, ten times a second: a pipe of its own. */
const loudnessPipe = 4

/** The name of the file that plays everywhere, in the folder where ffmpeg runs. */
export const m4aFile = 'audio.m4a'

/**
 * One decode, two outputs: the file that plays everywhere, and bare samples on standard output for whoever draws and
 * counts them. Where there is to be HLS too, its segments are made of the very same packets as the file.
 */
export function m4aArgs(options: { plan: SoundPlan; sourcePath: string; gain?: Gain }): string[] {
  const { plan, sourcePath, gain } = options
  const measured = gain ? '' : `${meter},`
  const graph = `${start(plan)}${gain ? `,${louder(gain)}` : ''},asplit=2[file][bare];[bare]${measured}${bare}[samples]`
  return [
    ...inputArgs({ path: sourcePath }),
    ...['-filter_complex', graph, '-map', '[file]', ...untold, ...soundEncoderArgs],
    ...['-b:a', String(plan.bitrate), '-t', seconds(plan.maxSeconds + 1)],
    ...(plan.hls ? both : ['-movflags', '+faststart', '-f', 'mp4', m4aFile]),
    ...samples(plan),
  ]
}

/** How loud it is, when that must be known before anything is made. */
export function loudnessArgs({ plan, sourcePath }: { plan: SoundPlan; sourcePath: string }): string[] {
  const graph = `${start(plan)},${meter},${bare}[samples]`
  return [...inputArgs({ path: sourcePath }), '-filter_complex', graph, ...samples(plan)]
}

const segments = [
  ...['f=hls', 'hls_segment_type=fmp4', 'hls_segment_options=movflags=+frag_discont', 'hls_flags=temp_file'],
  ...['hls_playlist_type=vod', 'hls_list_size=0', `hls_time=${soundSegmentSeconds}`],
  ...['hls_fmp4_init_filename=init.mp4', `hls_segment_filename=${soundTrack}/%d.m4s`],
].join(':')
const both = [
  ...['-flags', '+global_header', '-f', 'tee'],
  `[f=mp4:movflags=+faststart]${m4aFile}|[${segments}]${soundTrack}/local.m3u8`,
]

/** Titles, places and names stay in the original. */
const untold = ['-fflags', '+bitexact', '-map_metadata', '-1', '-map_metadata:s', '-1', '-map_chapters', '-1']
const meter = `ebur128=peak=true:metadata=1,ametadata=mode=print:file=pipe\\\\:${loudnessPipe}`
const bare = 'aformat=sample_fmts=s16'

const samples = ({ maxSeconds }: SoundPlan) => [
  ...['-map', '[samples]', ...untold, '-c:a', 'pcm_s16le', '-t', seconds(maxSeconds + 1), '-f', 's16le', 'pipe:1'],
]

/** The sound at its rate and in its channels, from 0 on and without holes: either as the times say, or one sample after the other. */
function start({ index, channels, mix, timed, sampleRate }: SoundPlan): string {
  const layout = channels === 1 ? 'mono' : 'stereo'
  const first = `[0:${index}]${mix === 'first two' ? 'pan=stereo|c0=c0|c1=c1,' : ''}`
  if (timed) return first + withoutGaps({ sampleRate, layout })
  return `${first}aresample=${sampleRate},asetpts=N/SR/TB,aformat=channel_layouts=${layout}`
}

function louder({ gain, limit }: Gain): string {
  const held = `,alimiter=limit=${(10 ** (peakCeiling / 20)).toFixed(4)}:level=0`
  return `volume=${gain.toFixed(1)}dB${limit ? held : ''}`
}
