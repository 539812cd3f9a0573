import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cueText } from './cue-text.ts'
import { planGrid } from './grid.ts'
import { cleanSubtitles, subtitleArgs } from './subtitles.ts'
import type { VideoPlan } from './video-plan.ts'
import { readWebVtt } from './webvtt.ts'

const fps = { num: 25, den: 1 }
const plan: VideoPlan = {
  version: 1,
  picture: { index: 0, deinterlace: false, toneMap: false },
  ...{ origin: 1.5, seekZero: 0, fps, duration: 60, baseFrames: 250 },
  grid: planGrid({ frames: 1500, fps, chunking: 'grid', chunkSeconds: 16, firstChunkSegments: 1 }),
  encoder: { name: 'libx264', preset: 'veryfast', crf: 23 },
  ...{ renditions: [], audio: [] },
}
const clean = (cues: string) => cleanSubtitles({ raw: `WEBVTT\n\n${cues}`, plan })

test('all tracks come out of one reading of the source, with nothing of a stranger’s in the arguments', () => {
  const tracks = [3, 5].map((index, n) => ({ name: `text-${n + 1}`, index, label: 'x; rm -rf' }))
  const args = subtitleArgs({ sourcePath: '/s/source', tracks, folder: '/s/text' })
  const one = (index: number, file: string) => [
    ...['-map', `0:${index}`, '-c:s', 'webvtt', '-map_metadata', '-1', '-map_chapters', '-1'],
    ...['-avoid_negative_ts', 'disabled', '-f', 'webvtt', file],
  ]
  const from = args.indexOf('-copyts')
  expect(args.slice(from)).toEqual([
    ...['-copyts', '-i', 'file:/s/source'],
    ...one(3, '/s/text/text-1.raw.vtt'),
    ...one(5, '/s/text/text-2.raw.vtt'),
  ])
  expect(args.slice(0, from)).toContain('-format_whitelist')
})

test('times move to the pictures’ own, and the file says where those stand in the segments', () => {
  expect(
    clean('00:02.000 --> 00:03.250 line:0 region:evil align:start\nHello\n\n01:00:00.000 --> 01:00:01.000\nlate'),
  ).toBe(
    `WEBVTT
X-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000

00:00:00.500 --> 00:00:01.750 line:0 align:start
Hello
`,
  )
})

test('what lies before the first picture or after the last is cut off, and nothing at all is no track', () => {
  expect(clean('00:00.000 --> 00:02.000\nearly')).toContain('00:00:00.000 --> 00:00:00.500\nearly')
  expect(clean('01:01.000 --> 02:00.000\nlong')).toContain('00:00:59.500 --> 00:01:00.000\nlong')
  expect(clean('00:00.000 --> 00:01.000\nbefore')).toBeUndefined()
  expect(clean('')).toBeUndefined()
})

test('words drawn anew for every frame are one cue; the same words later are another', () => {
  const at = (second: number) => `00:0${second}.000 --> 00:0${second + 1}.000\nSIGN\n\n`
  expect(readWebVtt(clean(at(2) + at(3) + at(4) + at(7)) ?? '').map(({ start, end }) => [start, end])).toEqual([
    [0.5, 3.5],
    [5.5, 6.5],
  ])
})

test('more cues than anybody reads are no track', () => {
  const many = Array.from({ length: 20_001 }, (_, n) => `00:02.000 --> 00:03.000\n${n}\n\n`).join('')
  expect(clean(many)).toBeUndefined()
})

test.each([
  ['<b>bold</b> <i>and</i> <u>more</u>', '<b>bold</b> <i>and</i> <u>more</u>'],
  ['<script>alert(1)</script>', 'alert(1)'],
  ['<img src=x onerror=alert(1)>', ''],
  ['<scr<b>ipt>', '&lt;scr<b>ipt&gt;'],
  ['<v Bob><c.red>hi</c></v><00:01.000>', 'hi'],
  ['1 < 2 & 3 --> 4', '1 &lt; 2 &amp; 3 --&gt; 4'],
  ['a &amp; b&nbsp;c &#60;', 'a &amp; b&nbsp;c &amp;#60;'],
  ['{\\an8}up', 'up'],
  ['m 0 0 l 100 0 100 100 b 1.5 -2 3 4 5 6', ''],
  ['one\n\n \r\ntwo\u2028three', 'one\ntwo\nthree'],
  ['\u0000a\u0007b', 'a b'],
  ['<i> </i>', ''],
])('%j is shown as %j', (from, to) => {
  expect(cueText(from)).toBe(to)
})

test('whatever a stranger writes stays one cue of harmless text', () => {
  const nasty = fc.constantFrom(
    '<',
    '>',
    '-->',
    '\n\n',
    '00:01.000 --> 00:02.000',
    '&',
    '<b>',
    '</b>',
    'STYLE',
    '"',
    '\r',
  )
  const words = fc.array(fc.oneof(nasty, fc.string({ unit: 'binary', maxLength: 8 })), { maxLength: 12 })
  fc.assert(
    fc.property(words, (parts) => {
      const text = cueText(parts.join(''))
      expect(text).not.toMatch(/\n\n|-->|\r|^\n|\n$/)
      expect(text.replace(/<\/?[biu]>/g, '')).not.toMatch(/[<>]/)
      expect(cueText(text)).toBe(text)
      const file = clean(`00:02.000 --> 00:03.000\n${text}`)
      if (text === '') expect(file).toBeUndefined()
      else expect(readWebVtt(file ?? '')).toEqual([{ start: 0.5, end: 1.5, text, settings: '' }])
    }),
    { numRuns: 100 },
  )
})
