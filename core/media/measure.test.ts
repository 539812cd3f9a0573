import fc from 'fast-check'
import { expect, test } from 'vitest'
import { needsMeasure, packetCounter, withMeasure } from './measure.ts'

test('packets are counted the same however their lines are cut', () => {
  const text = '0.040000,N/A,0.040000,\n\nN/A,0.000000,0.040000\n0.080000,0.040000,N/A\n'
  fc.assert(
    fc.property(fc.array(fc.nat(text.length)), (cuts) => {
      const counter = packetCounter()
      let at = 0
      for (const cut of [...cuts.sort((a, b) => a - b), text.length]) {
        counter.read(text.slice(at, cut))
        at = Math.max(at, cut)
      }
      expect(counter.measure()).toEqual({
        packets: 3,
        start: 0,
        end: 0.08,
        lastDuration: 0.04,
        untimed: 1,
        total: 0.08,
      })
    }),
  )
})

const sound = (container: string, duration?: number) => ({
  ...{ kind: 'audio' as const, container, subtitles: [], dataStreams: 0, audio: [{ index: 3, codec: 'any' }] },
  ...(duration === undefined ? {} : { duration }),
})

test('sound is counted where its length is a guess, not said, or too long to be believed unseen', () => {
  expect(needsMeasure(sound('mp3', 3))).toEqual([3])
  expect(needsMeasure(sound('ogg'))).toEqual([3])
  expect(needsMeasure(sound('wav', 30_000))).toEqual([3])
  expect(needsMeasure(sound('wav', 60))).toEqual([])
  expect(needsMeasure(sound('mov', 30_000))).toEqual([])
})

test('recordings that were joined last as long as all of them', () => {
  const measure = { packets: 9, start: 0, end: 1.98, lastDuration: 0.02, total: 6 }
  expect(withMeasure({ info: sound('ogg', 2), index: 3, measure }).duration).toBe(6)
})

test('a recording without a length gets the one that was counted', () => {
  const info = {
    kind: 'audio' as const,
    container: 'matroska',
    audio: [{ index: 0, codec: 'opus' }],
    subtitles: [],
    dataStreams: 0,
  }
  expect(
    withMeasure({ info, index: 0, measure: { packets: 9, start: 0.5, end: 3, lastDuration: 0.02 } }).duration,
  ).toBeCloseTo(2.52)
  expect(withMeasure({ info, index: 0, measure: { packets: 0 } })).toEqual(info)
})

const film = {
  kind: 'video' as const,
  container: 'mpeg',
  duration: 2,
  video: {
    ...{ index: 0, codec: 'mpeg2video', codedWidth: 320, codedHeight: 180, width: 320, height: 180 },
    ...{ sar: { num: 1, den: 1 }, rotation: 0 as const, mirrored: false, fps: { num: 25, den: 1 }, constantRate: true },
    ...{ bitDepth: 8, hdr: false as const, interlaced: false },
  },
  audio: [],
  subtitles: [],
  dataStreams: 0,
}

test('packets at the end that do not say when they are shown count all the same', () => {
  const measure = { packets: 25, start: 0.5, end: 1.42, lastDuration: 0.04, untimed: 8 }
  const { video } = withMeasure({ info: film, index: 0, measure })
  expect(video).toMatchObject({ fps: { num: 25, den: 1 }, frames: 25 })
  expect(video?.duration).toBeCloseTo(1)
})

test('of a file that breaks off, only what was counted is believed', () => {
  const audio = [{ index: 1, codec: 'aac', duration: 10 }]
  const info = { ...film, container: 'mov', duration: 10, cutShort: true as const, audio }
  const measured = withMeasure({ info, index: 0, measure: { packets: 150, start: 0, end: 5.96, lastDuration: 0.04 } })
  expect(measured.duration).toBeCloseTo(6)
  expect(measured.audio[0]?.duration).toBeUndefined()
  const cut = { packets: 150, start: 0, end: 5.96, lastDuration: 0.04, brokenOff: true as const }
  const { cutShort: _cut, ...whole } = info
  expect(withMeasure({ info: whole, index: 0, measure: cut }).duration).toBeCloseTo(6)
})

test('a single picture without sound is one', () => {
  const measure = { packets: 1, start: 0, end: 0, lastDuration: 0.04 }
  expect(withMeasure({ info: film, index: 0, measure }).kind).toBe('image')
  const audio = [{ index: 1, codec: 'aac' }]
  expect(withMeasure({ info: { ...film, audio }, index: 0, measure }).kind).toBe('video')
})
