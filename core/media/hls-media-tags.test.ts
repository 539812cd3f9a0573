import fc from 'fast-check'
import HLS from 'hls-parser'
import { expect, test } from 'vitest'
import { soundTags, textTags } from './hls-media-tags.ts'
import { trackLabels } from './track-labels.ts'
import type { AudioTrack } from './video-plan.ts'

const sound = (n: number, more: Partial<AudioTrack> = {}): AudioTrack => ({
  ...{ name: `audio-${n}`, index: n, label: `Audio ${n}`, bitrate: 128_000, sampleRate: 48_000, channels: 2 },
  ...more,
})

test('sound: the source’s default plays, commentary is never chosen by itself, description says what it is', () => {
  const tags = soundTags([
    sound(1, { language: 'de', label: 'German' }),
    sound(2, { language: 'en', label: 'English', default: true }),
    sound(3, { language: 'en', label: 'Director', commentary: true }),
    sound(4, { label: 'Described', describesVideo: true }),
  ])
  expect(tags).toEqual([
    '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="German",LANGUAGE="de",DEFAULT=NO,AUTOSELECT=YES,CHANNELS="2",URI="audio-1/playlist.m3u8"',
    '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="audio-2/playlist.m3u8"',
    '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Director",LANGUAGE="en",DEFAULT=NO,AUTOSELECT=NO,CHANNELS="2",URI="audio-3/playlist.m3u8"',
    '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Described",DEFAULT=NO,AUTOSELECT=YES,CHARACTERISTICS="public.accessibility.describes-video",CHANNELS="2",URI="audio-4/playlist.m3u8"',
  ])
})

test('text: off until chosen; what translates single lines says so', () => {
  const text = { key: 'hls/text-1/1.vtt', bytes: 10 }
  const tags = textTags([
    { ...text, track: { name: 'text-1', index: 3, label: 'Signs', language: 'en', forced: true } },
    { ...text, track: { name: 'text-2', index: 4, label: 'SDH', hearingImpaired: true } },
  ])
  expect(tags).toEqual([
    '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="subs",NAME="Signs",LANGUAGE="en",DEFAULT=NO,AUTOSELECT=YES,FORCED=YES,URI="text-1/playlist.m3u8"',
    '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="subs",NAME="SDH",DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,CHARACTERISTICS="public.accessibility.transcribes-spoken-dialog,public.accessibility.describes-music-and-sound",URI="text-2/playlist.m3u8"',
  ])
})

test('a title that holds quotes, commas and line breaks breaks no playlist', () => {
  HLS.setOptions({ strictMode: true })
  const nasty = fc.constantFrom('"', '\n', '\r', ',', '=', '\u2028', '\u0085', '#EXT-X-ENDLIST', 'x')
  fc.assert(
    fc.property(fc.array(fc.oneof(nasty, fc.string({ unit: 'binary' })), { maxLength: 10 }), (parts) => {
      const [tag = ''] = soundTags([sound(1, { label: parts.join('') })])
      expect(tag).toMatch(
        /^#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="[^"]*",DEFAULT=YES,.*audio-1\/playlist\.m3u8"$/,
      )
      const master = ['#EXTM3U', tag, '#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="mp4a.40.2",AUDIO="audio"', 'a.m3u8', '']
      if (/NAME=""/.test(tag)) return
      const list = HLS.parse(master.join('\n'))
      expect(list.isMasterPlaylist && list.variants[0]?.audio[0]?.uri).toBe('audio-1/playlist.m3u8')
    }),
    { numRuns: 100 },
  )
})

test('no two labels of a group are alike, even where a title looks like a counted one', () => {
  expect(trackLabels([{ title: 'A' }, { title: 'A' }, { title: 'A 2' }, { language: 'de' }, {}], 'Audio')).toEqual([
    ...['A', 'A 2', 'A 2 2', 'German', 'Audio 5'],
  ])
})
