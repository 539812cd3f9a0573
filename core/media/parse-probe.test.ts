import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SluiceError } from '../errors.ts'
import { defaultMediaLimits } from './media-info.ts'
import { parseProbe } from './parse-probe.ts'
import { trackLabels } from './track-labels.ts'

const saved = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../fixtures/probe/${name}.json`, import.meta.url), 'utf8'))
const read = (name: string) => parseProbe(saved(name), defaultMediaLimits)
const codeOf = (json: unknown, limits = defaultMediaLimits) => {
  try {
    return parseProbe(json, limits).kind
  } catch (error) {
    return error instanceof SluiceError ? error.code : error
  }
}
const picture = { index: 0, codec_type: 'video', codec_name: 'h264', width: 640, height: 360 }
const sound = { index: 1, codec_type: 'audio', codec_name: 'aac', channels: 2, sample_rate: '44100' }
const format = { format_name: 'mov,mp4', duration: '5.0' }

test('a phone video held upright is as wide as it is shown', () => {
  expect(read('phone-portrait').video).toMatchObject({
    codedWidth: 640,
    codedHeight: 360,
    width: 360,
    height: 640,
    rotation: 90,
    mirrored: false,
    fps: { num: 25, den: 1 },
    constantRate: true,
  })
})

test('pixels that are not square are stretched, never squeezed', () => {
  expect(read('anamorphic-64-45').video).toMatchObject({ width: 1138, height: 640, sar: { num: 64, den: 45 } })
})

test('HDR is told by its transfer, with its depth; a track of unknown data does no harm', () => {
  const info = read('av1-pq-10bit')
  expect(info.video).toMatchObject({ codec: 'av1', hdr: 'pq', bitDepth: 10, range: 'tv', fps: { num: 359, den: 12 } })
  expect(info).toMatchObject({ kind: 'video', dataStreams: 1, audio: [] })
})

test('sound with a cover picture is sound', () => {
  const info = read('mp3-with-cover')
  expect(info).toMatchObject({ kind: 'audio', container: 'mp3', cover: { index: 1 } })
  expect(info.video).toBeUndefined()
})

test('an mp4 without pictures is sound, one still picture in an mp4 is an image', () => {
  expect(read('mp4-sound-only').kind).toBe('audio')
  expect(read('avif-still').kind).toBe('image')
})

test('a time base of a thousandth is not taken for a frame rate', () => {
  expect(read('matroska-1000fps').video?.fps).toEqual({ num: 60, den: 1 })
})

test('a variable rate becomes the standard rate near its average', () => {
  expect(read('variable-rate').video).toMatchObject({ fps: { num: 30, den: 1 }, constantRate: false, frames: 436 })
})

test('what a browser records without a length has no length, and not a length of 0', () => {
  const info = read('browser-recorder')
  expect(info.kind).toBe('video')
  expect(info).not.toHaveProperty('duration')
})

test('full range is seen', () => {
  expect(read('full-range-60').video).toMatchObject({ range: 'pc', fps: { num: 60, den: 1 }, colorSpace: 'smpte170m' })
})

test('languages are written as the web writes them, titles lose what a playlist could take amiss', () => {
  const tags = { language: 'ger', title: 'Director"s\ncut' }
  const { audio } = parseProbe({ streams: [{ ...sound, tags }], format }, defaultMediaLimits)
  expect(audio[0]).toMatchObject({ language: 'de', title: 'Director s cut' })
})

test.each([
  ['no_media_streams', { streams: [], format }],
  ['no_media_streams', {}],
  ['no_media_streams', { streams: [{ index: 0, codec_type: 'data' }], format }],
  ['encrypted_media', { streams: [{ ...picture, codec_tag_string: 'encv' }], format }],
  ['unsupported_codec', { streams: [{ ...picture, codec_name: 'magicyuv' }, sound], format }],
  ['unsupported_codec', { streams: [{ ...sound, codec_name: 'tak' }], format }],
  ['too_many_pixels', { streams: [{ ...picture, width: 65_535, height: 65_535 }], format }],
  ['too_many_pixels', { streams: [{ ...picture, width: 20_000, height: 10 }], format }],
  ['too_long', { streams: [picture], format: { ...format, duration: '4294967' } }],
  ['corrupt_media', { streams: [{ ...picture, width: 0 }], format }],
  ['corrupt_media', { streams: 'none' }],
])('is refused with %s', (code, json) => {
  expect(codeOf(json)).toBe(code)
})

test('absurd numbers are unknown, not values', () => {
  const odd = {
    ...picture,
    avg_frame_rate: '0/0',
    r_frame_rate: '90000/1',
    start_time: 'N/A',
    sample_aspect_ratio: '1:1000',
  }
  const rotated = { ...odd, side_data_list: [{ side_data_type: 'Display Matrix', rotation: Number.MIN_SAFE_INTEGER }] }
  const info = parseProbe({ streams: [rotated], format }, defaultMediaLimits)
  expect(info.video).toMatchObject({ width: 640, height: 360, rotation: 0, sar: { num: 1, den: 1 } })
  expect(info.video).not.toHaveProperty('fps')
  expect(info.video).not.toHaveProperty('startTime')
})

test('whatever ffprobe prints, the answer is facts without NaN or a reason to refuse', () => {
  const anything = fc.oneof(fc.string(), fc.double(), fc.integer(), fc.constant('N/A'), fc.constant(null))
  const stream = fc.record(
    {
      index: fc.nat(50),
      codec_type: fc.constantFrom('video', 'audio', 'data'),
      codec_name: fc.constantFrom('h264', 'aac', 'what'),
      width: anything,
      height: anything,
      channels: anything,
      duration: anything,
      start_time: anything,
      avg_frame_rate: anything,
      r_frame_rate: anything,
      sample_aspect_ratio: anything,
      tags: fc.dictionary(fc.string(), anything),
    },
    { requiredKeys: ['index', 'codec_type'] },
  )
  fc.assert(
    fc.property(fc.record({ streams: fc.array(stream, { maxLength: 4 }), format: fc.object() }), (json) => {
      try {
        const info = parseProbe(json, defaultMediaLimits)
        expect(JSON.parse(JSON.stringify(info))).toEqual(info)
      } catch (error) {
        expect(error).toBeInstanceOf(SluiceError)
      }
    }),
  )
})

test('every bibliographic code becomes the one the web uses, and what names no language is none', () => {
  const codes = {
    ...{ alb: 'sq', arm: 'hy', baq: 'eu', bur: 'my', chi: 'zh', cze: 'cs', dut: 'nl', fre: 'fr', geo: 'ka', ger: 'de' },
    ...{ gre: 'el', ice: 'is', mac: 'mk', mao: 'mi', may: 'ms', per: 'fa', rum: 'ro', slo: 'sk', tib: 'bo', wel: 'cy' },
    ...{ deu: 'de', eng: 'en', por: 'pt', 'pt-BR': 'pt-BR', 'zh-hant': 'zh-Hant', yue: 'yue' },
    ...{ und: undefined, mul: undefined, zxx: undefined, mis: undefined, English: undefined, 'x"y': undefined },
  }
  for (const [language, wanted] of Object.entries(codes)) {
    const { audio } = parseProbe({ streams: [picture, { ...sound, tags: { language } }], format }, defaultMediaLimits)
    expect(audio[0]?.language, language).toBe(wanted)
  }
})

test('no tag of a stranger, however like a language, is worse than an unknown one', () => {
  const languageOf = (language: string) =>
    parseProbe({ streams: [picture, { ...sound, tags: { language } }], format }, defaultMediaLimits).audio[0]?.language
  for (const tag of ['zh-yue', 'en-US-US', 'zh-min-nan', 'de-1996-1996']) expect(languageOf(tag), tag).toBeUndefined()
  const part = fc.stringMatching(/^[a-zA-Z0-9]{1,8}$/)
  const tag = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('-'))
  fc.assert(
    fc.property(fc.oneof(tag, fc.string()), (text) => {
      expect(trackLabels([{ language: languageOf(text) }], 'Audio')).toEqual([expect.stringMatching(/./)])
    }),
  )
})

test('tracks say what they are for', () => {
  const disposition = { default: 1, comment: 1, dub: 0, visual_impaired: 0 }
  const text = { index: 2, codec_type: 'subtitle', codec_name: 'ass', disposition: { forced: 1, hearing_impaired: 1 } }
  const info = parseProbe({ streams: [picture, { ...sound, disposition }, text], format }, defaultMediaLimits)
  expect(info.audio[0]).toMatchObject({ default: true, commentary: true })
  expect(info.audio[0]).not.toHaveProperty('describesVideo')
  expect(info.subtitles).toEqual([{ index: 2, codec: 'ass', forced: true, hearingImpaired: true }])
})

test('Dolby Vision is taken for what its pictures are without it, and refused where they are nothing', () => {
  const dolby = (dv_profile: number, dv_bl_signal_compatibility_id: number) => ({
    format,
    streams: [
      {
        ...picture,
        side_data_list: [{ side_data_type: 'DOVI configuration record', dv_profile, dv_bl_signal_compatibility_id }],
      },
    ],
  })
  expect(parseProbe(dolby(8, 4), defaultMediaLimits).video?.hdr).toBe('hlg')
  expect(parseProbe(dolby(8, 1), defaultMediaLimits).video?.hdr).toBe('pq')
  expect(parseProbe(dolby(9, 2), defaultMediaLimits).video?.hdr).toBe(false)
  expect(codeOf(dolby(5, 0))).toBe('unsupported_codec')
  expect(codeOf(dolby(10, 0))).toBe('unsupported_codec')
})
