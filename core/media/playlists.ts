import { averageRate, peakRate } from './bandwidth.ts'
import { dashManifest } from './dash.ts'
import { type Track, unbroken } from './hls-facts.ts'
import { soundTags, textPlaylist, textTags } from './hls-media-tags.ts'
import { framesToSeconds, toNumber } from './rational.ts'
import type { TextFile } from './text-tracks.ts'
import type { VideoPlan } from './video-plan.ts'

export type PlaylistState = 'event' | 'vod'

export const masterKey = 'hls/master.m3u8'
export const dashKey = 'hls/manifest.mpd'

/** Text tracks are whole from the start: players read the list of tracks but once. */
type Facts = { plan: VideoPlan; tracks: readonly Track[]; texts?: readonly TextFile[] }

/** Fixed by the plan, because it may not change while a playlist grows. */
const targetDuration = ({ grid, fps }: Pick<VideoPlan, 'grid' | 'fps'>) =>
  Math.max(1, Math.round(framesToSeconds(grid.segmentFrames, fps)))

type Media = {
  segments: readonly { uri: string; seconds: number }[]
  init: string
  target: number
  state: PlaylistState
}

/** One rendition's list. Growing ones say where to begin, else players begin at the live edge. */
export function mediaPlaylist({ segments, init, target, state }: Media): string {
  return lines([
    ...['#EXTM3U', '#EXT-X-VERSION:7', `#EXT-X-TARGETDURATION:${target}`, '#EXT-X-MEDIA-SEQUENCE:0'],
    `#EXT-X-PLAYLIST-TYPE:${state === 'vod' ? 'VOD' : 'EVENT'}`,
    ...(state === 'event' ? ['#EXT-X-START:TIME-OFFSET=0'] : []),
    `#EXT-X-MAP:URI="${init}"`,
    ...segments.flatMap(({ uri, seconds }) => [`#EXTINF:${seconds.toFixed(6)},`, uri]),
    ...(state === 'vod' ? ['#EXT-X-ENDLIST'] : []),
  ])
}

/** The list of qualities, best first, with rates measured from what was really made. */
export function masterPlaylist({ plan, tracks, texts = [] }: Facts): string {
  const target = targetDuration(plan)
  const sounds = soundTracks({ plan, tracks })
  const soundPeak = Math.max(0, ...sounds.map(({ segments }) => peakRate({ segments, target })))
  const soundAverage = Math.max(0, ...sounds.map(({ segments }) => averageRate(segments)))
  const variants = videoTracks({ plan, tracks }).flatMap(({ name, init, segments, rendition }) => {
    const codecs = [...new Set([init.codec, ...sounds.map((sound) => sound.init.codec)])]
    return [
      `#EXT-X-STREAM-INF:${[
        `BANDWIDTH=${Math.ceil(peakRate({ segments, target }) + soundPeak)}`,
        `AVERAGE-BANDWIDTH=${Math.ceil(averageRate(segments) + soundAverage)}`,
        `CODECS="${codecs.join(',')}"`,
        `RESOLUTION=${rendition.width}x${rendition.height}`,
        `FRAME-RATE=${toNumber(plan.fps).toFixed(3)}`,
        ...(sounds.length > 0 ? ['AUDIO="audio"'] : []),
        ...(texts.length > 0 ? ['SUBTITLES="subs"'] : []),
      ].join(',')}`,
      `${name}/playlist.m3u8`,
    ]
  })
  const groups = [...soundTags(sounds.map(({ track }) => track)), ...textTags(texts)]
  return lines(['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-INDEPENDENT-SEGMENTS', ...groups, ...variants])
}

/** Every playlist of a presentation, with its key below the generation's prefix: media lists first, so that the master never points at nothing. DASH only what is finished. */
export function playlistFiles({ state, ...facts }: Facts & { state: PlaylistState }): { key: string; text: string }[] {
  const media = [...videoTracks(facts), ...soundTracks(facts)].map(({ name, init, segments }) => ({
    key: `hls/${name}/playlist.m3u8`,
    text: mediaPlaylist({
      segments: segments.map(({ key, seconds }) => ({ uri: baseName(key), seconds })),
      init: baseName(init.key),
      target: targetDuration(facts.plan),
      state,
    }),
  }))
  const { plan, tracks, texts = [] } = facts
  const text = texts.map((file) => ({ key: `hls/${file.track.name}/playlist.m3u8`, text: textPlaylist(file, plan) }))
  const dash = state === 'vod' ? [{ key: dashKey, text: dashManifest({ plan, tracks, texts }) }] : []
  return [...media, ...text, ...dash, { key: masterKey, text: masterPlaylist(facts) }]
}

/** The bandwidth and codec of each rendition, for the asset's `renditions`. */
export function renditionFacts({ plan, tracks }: Facts) {
  const target = targetDuration(plan)
  const sound = Math.max(0, ...soundTracks({ plan, tracks }).map(({ segments }) => peakRate({ segments, target })))
  return videoTracks({ plan, tracks }).map(({ name, init, segments, rendition }) => ({
    name,
    width: rendition.width,
    height: rendition.height,
    bandwidth: Math.ceil(peakRate({ segments, target }) + sound),
    codecs: init.codec,
    frameRate: Math.round(toNumber(plan.fps) * 1000) / 1000,
  }))
}

/** Chunks finish in any order; what counts is the unbroken run from the first segment. */
function begun<Planned extends { name: string }>(planned: readonly Planned[], tracks: readonly Track[]) {
  return planned.flatMap((plan) => {
    const made = tracks.find(({ name }) => name === plan.name)
    const segments = unbroken(made?.segments ?? [])
    return made && segments.length > 0 ? [{ name: plan.name, init: made.init, segments, plan }] : []
  })
}

const videoTracks = ({ plan, tracks }: Facts) =>
  begun(plan.renditions, tracks).map(({ plan: rendition, ...track }) => ({ ...track, rendition }))

const soundTracks = ({ plan, tracks }: Facts) =>
  begun(plan.audio, tracks).map(({ plan: track, ...made }) => ({ ...made, track }))

/** Whether a viewer can start: every rendition and every sound track has its first segment. */
export function isPlayable({ plan, tracks }: Facts): boolean {
  const planned = [...plan.renditions, ...plan.audio]
  return begun(planned, tracks).length === planned.length
}

const baseName = (key: string) => key.slice(key.lastIndexOf('/') + 1)
const lines = (all: string[]) => `${all.join('\n')}\n`
