import { peakRate } from './bandwidth.ts'
import { soundTags, textTags } from './dash-roles.ts'
import type { SegmentFact, Track } from './hls-facts.ts'
import { framesToSeconds } from './rational.ts'
import type { TextFile } from './text-tracks.ts'
import { type AudioTrack, baseOf, type VideoPlan } from './video-plan.ts'
import { element, textElement } from './xml.ts'

type Facts = { plan: VideoPlan; tracks: readonly Track[]; texts: readonly TextFile[] }

/** When a segment is shown and for how long, in whole ticks. */
type Span = { t: number; d: number }

/** How the times of one kind of track are counted, so that none is ever rounded twice. */
type Clock = { timescale: number; base: number; span(segment: SegmentFact): Span }

/**
 * The DASH manifest of a finished presentation: the same segments as the playlists', each by its name, because names bear
 * the attempt that made them. It lies beside the master playlist.
 */
export function dashManifest({ plan, tracks, texts }: Facts): string {
  const segmentSeconds = iso8601(framesToSeconds(plan.grid.segmentFrames, plan.fps))
  const sounds = plan.audio.flatMap((sound) =>
    tracks.filter(({ name }) => name === sound.name).map(soundSet(plan, sound)),
  )
  const sets = [pictureSet(plan, tracks), ...sounds, ...texts.map(textSet(plan))]
  const mpd = element(
    'MPD',
    {
      xmlns: 'urn:mpeg:dash:schema:mpd:2011',
      type: 'static',
      profiles: 'urn:mpeg:dash:profile:isoff-main:2011',
      mediaPresentationDuration: iso8601(plan.duration),
      minBufferTime: segmentSeconds,
    },
    [element('Period', { id: '0', start: 'PT0S' }, sets)],
  )
  return `<?xml version="1.0" encoding="UTF-8"?>\n${mpd}\n`
}

function pictureSet(plan: VideoPlan, tracks: readonly Track[]): string {
  const { num, den } = plan.fps
  const representations = plan.renditions.flatMap(({ name, width, height }) => {
    const track = tracks.find((one) => one.name === name)
    const frameRate = den === 1 ? num : `${num}/${den}`
    return track
      ? [representation({ plan, track, clock: pictureClock(plan), facts: { width, height, frameRate } })]
      : []
  })
  return element(
    'AdaptationSet',
    { contentType: 'video', mimeType: 'video/mp4', sar: '1:1', segmentAlignment: 'true', startWithSAP: 1 },
    representations,
  )
}

const soundSet = (plan: VideoPlan, sound: AudioTrack) => (track: Track) =>
  element(
    'AdaptationSet',
    {
      ...{ contentType: 'audio', mimeType: 'audio/mp4', lang: sound.language },
      ...{ segmentAlignment: 'true', startWithSAP: 1, audioSamplingRate: sound.sampleRate },
    },
    [
      element('AudioChannelConfiguration', {
        schemeIdUri: 'urn:mpeg:dash:23003:3:audio_channel_configuration:2011',
        value: sound.channels,
      }),
      textElement('Label', sound.label),
      ...soundTags(sound),
      representation({ plan, track, clock: soundClock(plan, sound), facts: {} }),
    ],
  )

/** One file for the whole length, whose times count from the beginning of the presentation. */
const textSet =
  ({ duration: seconds }: VideoPlan) =>
  ({ track, key, bytes }: TextFile) => {
    const bandwidth = Math.max(1, Math.ceil((bytes * 8) / seconds))
    return element('AdaptationSet', { contentType: 'text', mimeType: 'text/vtt', lang: track.language }, [
      textElement('Label', track.label),
      ...textTags(track),
      element('Representation', { id: track.name, bandwidth }, [textElement('BaseURL', besideMaster(key))]),
    ])
  }

type Described = { plan: VideoPlan; track: Track; clock: Clock; facts: Record<string, string | number> }

function representation({ plan, track, clock, facts }: Described): string {
  const { name, init, segments } = track
  const target = framesToSeconds(plan.grid.segmentFrames, plan.fps)
  const bandwidth = Math.ceil(peakRate({ segments, target }))
  const { timescale, base: presentationTimeOffset } = clock
  return element('Representation', { id: name, codecs: init.codec, bandwidth, ...facts }, [
    element('SegmentList', { timescale, presentationTimeOffset }, [
      element('Initialization', { sourceURL: besideMaster(init.key) }),
      element('SegmentTimeline', {}, timeline(segments.map(clock.span))),
      ...segments.map(({ key }) => element('SegmentURL', { media: besideMaster(key) })),
    ]),
  ])
}

/** Pictures are counted in frames: exact at every rate, and free of the decoder's delay. */
function pictureClock({ fps, baseFrames, grid }: VideoPlan): Clock {
  return {
    timescale: fps.num,
    base: baseFrames * fps.den,
    span: ({ number, frames }) => ({ t: (baseFrames + number * grid.segmentFrames) * fps.den, d: frames * fps.den }),
  }
}

/** Sound is counted in samples, which its facts hold as seconds. */
function soundClock(plan: VideoPlan, { sampleRate }: AudioTrack): Clock {
  const samples = (time: number) => Math.round(time * sampleRate)
  return {
    timescale: sampleRate,
    base: samples(baseOf(plan)),
    span: ({ start, seconds }) => ({ t: samples(start), d: samples(start + seconds) - samples(start) }),
  }
}

/** Runs of equal, adjoining segments as one entry each. */
function timeline(spans: readonly Span[]): string[] {
  const runs: { t: number; d: number; more: number; joins: boolean }[] = []
  let end: number | undefined
  for (const { t, d } of spans) {
    const last = runs.at(-1)
    if (last && t === end && d === last.d) last.more++
    else runs.push({ t, d, more: 0, joins: t === end })
    end = t + d
  }
  return runs.map(({ t, d, more, joins }) => element('S', { t: joins ? undefined : t, d, r: more || undefined }))
}

/** The manifest lies in `hls/`, as everything it names does. */
const besideMaster = (key: string) => key.slice(key.indexOf('/') + 1)

const iso8601 = (time: number) => `PT${Number(time.toFixed(6))}S`
