import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readXml } from '../../test/setup/read-xml.ts'
import { dashManifest } from './dash.ts'
import { planGrid, segmentFramesAt } from './grid.ts'
import type { Track } from './hls-facts.ts'
import { framesToSeconds, type Rational } from './rational.ts'
import type { TextFile } from './text-tracks.ts'
import { type AudioTrack, baseOf, type VideoPlan } from './video-plan.ts'

type Wish = { fps: Rational; frames: number; labels: string[] }

function presentation({ fps, frames, labels }: Wish): { plan: VideoPlan; tracks: Track[]; texts: TextFile[] } {
  const grid = planGrid({ frames, fps, chunking: 'grid', chunkSeconds: 16, firstChunkSegments: 1 })
  const audio = labels.map(
    (label, n): AudioTrack => ({
      ...{ name: `audio-${n + 1}`, index: n + 1, label, bitrate: 128_000, sampleRate: 48_000, channels: 2 },
      ...(n === 0 ? { language: 'de', default: true as const } : {}),
    }),
  )
  const plan: VideoPlan = {
    version: 1,
    picture: { index: 0, deinterlace: false, toneMap: false },
    ...{ origin: 0, seekZero: 0, fps, duration: framesToSeconds(frames, fps) },
    ...{ baseFrames: Math.ceil((10 * fps.num) / fps.den), grid },
    encoder: { name: 'libx264', preset: 'veryfast', crf: 23 },
    renditions: [{ name: '360p', width: 640, height: 360, maxBitrate: 800_000 }],
    audio,
  }
  const numbers = Array.from({ length: grid.segments }, (_, number) => number)
  const init = { sha256: 'abc', bytes: 800 }
  const pictures = {
    name: '360p',
    init: { ...init, key: 'hls/360p/init-abc.mp4', codec: 'avc1.64001e' },
    segments: numbers.map((number) => {
      const seconds = framesToSeconds(segmentFramesAt(grid, number), fps)
      const start = baseOf(plan) + framesToSeconds(number * grid.segmentFrames - 2, fps)
      return {
        ...{ key: `hls/360p/0-1-${number}.m4s`, number, bytes: segmentFramesAt(grid, number) * 2500, start, seconds },
        frames: segmentFramesAt(grid, number),
      }
    }),
  }
  const sound = Math.round(baseOf(plan) * 48_000) - 1024
  const sounds = audio.map(({ name }) => ({
    name,
    init: { ...init, key: `hls/${name}/init-abc.mp4`, codec: 'mp4a.40.2' },
    segments: numbers.map((number) => {
      const aac = number % 2 === 0 ? 188 : 187
      const before = Math.ceil(number / 2) * 188 + Math.floor(number / 2) * 187
      return {
        ...{ key: `hls/${name}/1-${number}.m4s`, number, bytes: 64_000, frames: aac },
        ...{ start: (sound + before * 1024) / 48_000, seconds: (aac * 1024) / 48_000 },
      }
    }),
  }))
  const texts = labels.map((label, n): TextFile => {
    const track = { name: `text-${n + 1}`, index: 9 + n, label, language: 'pt-BR', forced: true as const }
    return { track, key: `hls/text-${n + 1}/1.vtt`, bytes: 2000 }
  })
  return { plan, tracks: [pictures, ...sounds], texts }
}

test('the manifest of 10 s at 25 frames a second, to the letter', () => {
  const text = dashManifest(presentation({ fps: { num: 25, den: 1 }, frames: 250, labels: ['Deutsch'] }))
  expect(text).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" profiles="urn:mpeg:dash:profile:isoff-main:2011" mediaPresentationDuration="PT10S" minBufferTime="PT4S">
<Period id="0" start="PT0S">
<AdaptationSet contentType="video" mimeType="video/mp4" sar="1:1" segmentAlignment="true" startWithSAP="1">
<Representation id="360p" codecs="avc1.64001e" bandwidth="500000" width="640" height="360" frameRate="25">
<SegmentList timescale="25" presentationTimeOffset="250">
<Initialization sourceURL="360p/init-abc.mp4"/>
<SegmentTimeline>
<S t="250" d="100" r="1"/>
<S d="50"/>
</SegmentTimeline>
<SegmentURL media="360p/0-1-0.m4s"/>
<SegmentURL media="360p/0-1-1.m4s"/>
<SegmentURL media="360p/0-1-2.m4s"/>
</SegmentList>
</Representation>
</AdaptationSet>
<AdaptationSet contentType="audio" mimeType="audio/mp4" lang="de" segmentAlignment="true" startWithSAP="1" audioSamplingRate="48000">
<AudioChannelConfiguration schemeIdUri="urn:mpeg:dash:23003:3:audio_channel_configuration:2011" value="2"/>
<Label>Deutsch</Label>
<Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/>
<Representation id="audio-1" codecs="mp4a.40.2" bandwidth="128343">
<SegmentList timescale="48000" presentationTimeOffset="480000">
<Initialization sourceURL="audio-1/init-abc.mp4"/>
<SegmentTimeline>
<S t="478976" d="192512"/>
<S d="191488"/>
<S d="192512"/>
</SegmentTimeline>
<SegmentURL media="audio-1/1-0.m4s"/>
<SegmentURL media="audio-1/1-1.m4s"/>
<SegmentURL media="audio-1/1-2.m4s"/>
</SegmentList>
</Representation>
</AdaptationSet>
<AdaptationSet contentType="text" mimeType="text/vtt" lang="pt-BR">
<Label>Deutsch</Label>
<Role schemeIdUri="urn:mpeg:dash:role:2011" value="forced-subtitle"/>
<Representation id="text-1" bandwidth="1600">
<BaseURL>text-1/1.vtt</BaseURL>
</Representation>
</AdaptationSet>
</Period>
</MPD>
`)
})

const rates = [
  ...[23.976, 29.97, 59.94].map((rate) => ({ num: Math.round(rate * 1.001) * 1000, den: 1001 })),
  ...[12, 24, 25, 30, 50, 60].map((num) => ({ num, den: 1 })),
  { num: 29_917, den: 1000 },
]

test('whatever the rate, the length and the names: well-formed, and the times of every track add up to its length', () => {
  const wishes = fc.record({
    fps: fc.constantFrom(...rates),
    frames: fc.integer({ min: 1, max: 9_000 }),
    labels: fc.array(fc.string({ unit: 'binary', maxLength: 30 }), { maxLength: 3 }),
  })
  fc.assert(
    fc.property(wishes, (wish) => {
      const { plan, tracks, texts } = presentation(wish)
      const root = readXml(dashManifest({ plan, tracks, texts }))
      const lists = root.all('SegmentList')
      expect(lists).toHaveLength(tracks.length)
      for (const [n, list] of lists.entries()) {
        const timescale = Number(list.attributes['timescale'])
        let end = Number(list.all('S')[0]?.attributes['t']) - Number(list.attributes['presentationTimeOffset'])
        let count = 0
        for (const { attributes } of list.all('S')) {
          const times = 1 + Number(attributes['r'] ?? 0)
          count += times
          end += times * Number(attributes['d'])
        }
        expect(Number.isInteger(end)).toBe(true)
        expect(count).toBe(list.all('SegmentURL').length)
        const last = tracks[n]?.segments.at(-1)
        const facts = (last?.start ?? 0) + (last?.seconds ?? 0) - baseOf(plan)
        const wanted = n === 0 ? plan.duration : facts
        expect(Math.abs(end / timescale - wanted)).toBeLessThan(1 / 48_000)
      }
      expect(root.all('AdaptationSet')).toHaveLength(1 + 2 * wish.labels.length)
    }),
    { numRuns: 30 },
  )
})

test('roles say which sound is meant first, and for whom a track is', () => {
  const { plan, tracks, texts } = presentation({ fps: { num: 25, den: 1 }, frames: 50, labels: ['a', 'b', 'c'] })
  Object.assign(plan.audio[1] ?? {}, { commentary: true })
  Object.assign(plan.audio[2] ?? {}, { describesVideo: true })
  const sets = readXml(dashManifest({ plan, tracks, texts: texts.slice(0, 1) })).all('AdaptationSet')
  const said = sets.map((set) =>
    [...set.all('Accessibility'), ...set.all('Role')].map((one) => one.attributes['value']),
  )
  expect(said).toEqual([[], ['main'], ['commentary'], ['1', 'alternate'], ['forced-subtitle']])
})
