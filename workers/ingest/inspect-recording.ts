import { planImage } from '../../core/media/image-variants.ts'
import type { MediaInfo, VideoInfo } from '../../core/media/media-info.ts'
import { planMp4 } from '../../core/media/mp4-plan.ts'
import { withinDuration } from '../../core/media/parse-probe.ts'
import type { Profile } from '../../core/media/profile.ts'
import { toNumber } from '../../core/media/rational.ts'
import { planSound } from '../../core/media/sound-plan.ts'
import { planStoryboard, type StoryboardPlan } from '../../core/media/storyboard.ts'
import type { StillWishes } from '../../core/media/thumbnails.ts'
import { planVideo, type VideoPlan } from '../../core/media/video-plan.ts'
import type { AssetPlan } from '../../core/plan.ts'
import { probe } from '../edges/ffprobe.ts'
import type { TaskRun } from '../house.ts'
import { sourceFile } from '../source-file.ts'
import type { Inspected } from './inspect.ts'
import { imageWishes } from './inspect-image.ts'
import { readableSound } from './readable-sound.ts'

/** Anything that lasts: video, or sound alone. */
export async function inspectRecording({ run, profile }: { run: TaskRun; profile: Profile }): Promise<Inspected> {
  const { bench, house } = run
  const limits = { maxPixels: house.config.MAX_PIXELS, maxDuration: house.config.MAX_DURATION }
  const path = await sourceFile(run)
  const common = { tools: house.tools, cwd: bench.scratch, signal: bench.signal }
  const probed = await probe({ ...common, path, limits })
  const info = { ...probed, audio: await readableSound({ ...common, tracks: probed.audio, sourcePath: path }) }
  const media = mediaFacts(info)
  if (info.kind === 'audio') return { plan: planRecording({ info, profile, maxSeconds: limits.maxDuration }), media }
  if (info.kind === 'image' && info.video) return onlyFrame({ info, video: info.video, profile })
  const video = profile.video === false ? null : planVideo({ info, profile })
  // The container's word has been heard already; what counts is how long its pictures would be made.
  if (video !== null) withinDuration({ ...info, duration: Math.floor(video.duration) }, limits)
  const mp4 = video === null ? null : planMp4({ video, profile })
  const storyboard = profile.storyboard ? storyboardOf({ info, video }) : null
  return { plan: { kind: 'video', info, video, stills: stillsOf(profile), storyboard, mp4 }, media }
}

/** Sound may outlast the pictures: then the last tile stands for the rest. */
function storyboardOf({ info, video }: { info: MediaInfo; video: VideoPlan | null }): StoryboardPlan | null {
  const { startTime = 0 } = info
  const { origin, seekZero, duration } = video ?? { origin: startTime, seekZero: startTime, duration: 0 }
  const whole = Math.max(duration, toMilli(playingTime(info)) ?? 0)
  return info.video && whole > 0 ? planStoryboard({ source: info.video, duration: whole, origin, seekZero }) : null
}

function stillsOf({ thumbnails, poster }: Profile): StillWishes | null {
  if (thumbnails === false && !poster) return null
  return { thumbnails: thumbnails === false ? false : thumbnails.fit, poster }
}

/** Sound alone: its own file, and whatever picture its maker put in front of it. */
function planRecording(options: { info: MediaInfo; profile: Profile; maxSeconds: number }): AssetPlan {
  const { info, profile } = options
  const stills = stillsOf(profile)
  const cover = info.cover === undefined || stills === null ? null : { index: info.cover.index, ...stills }
  return { kind: 'audio', info, sound: planSound(options) ?? null, cover }
}

/** A video of one frame is a picture: what becomes of it is what becomes of any other. */
function onlyFrame({ info, video, profile }: { info: MediaInfo; video: VideoInfo; profile: Profile }): Inspected {
  const { width, height } = video
  const image = planImage({ facts: { width, height }, wishes: imageWishes(profile) })
  return { plan: { kind: 'image', image, onlyFrame: video }, media: { width, height, format: info.container } }
}

const toMilli = (value: number | null) => (value === null ? null : Math.round(value * 1_000) / 1_000)

/** How long it plays: to the end of its last stream, where the streams say; the container's own word can be any number. */
function playingTime({ video, audio, startTime = 0, duration }: MediaInfo): number | null {
  const ends = [video, ...audio].flatMap((stream) =>
    stream?.duration === undefined ? [] : [Math.max(0, (stream.startTime ?? startTime) - startTime) + stream.duration],
  )
  const known = ends.length === audio.length + (video === undefined ? 0 : 1)
  return known && ends.length > 0 ? Math.max(...ends) : (duration ?? null)
}

function mediaFacts(info: MediaInfo) {
  const { video, audio } = info
  return {
    duration: toMilli(playingTime(info)),
    ...(video === undefined
      ? {}
      : {
          width: video.width,
          height: video.height,
          fps: toMilli(video.fps === undefined ? null : toNumber(video.fps)),
          rotation: video.rotation,
          videoCodec: video.codec,
          hdr: video.hdr !== false,
        }),
    audioCodec: audio[0]?.codec ?? null,
    ...(audio[0]?.channels === undefined ? {} : { audioChannels: audio[0].channels }),
    ...(audio[0]?.sampleRate === undefined ? {} : { audioSampleRate: audio[0].sampleRate }),
    audioTracks: audio.length,
  }
}
