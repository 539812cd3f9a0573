import fc from 'fast-check'
import { expect, test } from 'vitest'
import { asSound, sniff } from './sniff.ts'

const box = (type: string, rest = 'isom\0\0\0\0isommp42') => Buffer.from(`\0\0\0\x18${type}${rest}`, 'latin1')

test.each([
  ['video/mp4', box('ftyp')],
  ['video/quicktime', box('ftyp', 'qt  \0\0\0\0qt  qt  ')],
  ['video/quicktime', box('mdat')],
  ['audio/wav', Buffer.from('RIFF\0\0\0\0WAVEfmt ', 'latin1')],
  ['video/vnd.avi', Buffer.from('RIFF\0\0\0\0AVI LIST', 'latin1')],
  ['audio/flac', Buffer.from('fLaC\0\0\0\x22', 'latin1')],
  ['audio/amr', Buffer.from('#!AMR\n', 'latin1')],
  ['audio/wav', Buffer.from('RF64\xff\xff\xff\xffWAVEds64', 'latin1')],
  ['audio/x-w64', Buffer.from(`riff${'\0'.repeat(20)}wave`, 'latin1')],
  ['audio/mpeg', Buffer.from('ID3\x04\0\0\x7f\x7f\x7f\x7f', 'latin1')],
  ['image/jpeg', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16])],
  ['image/gif', Buffer.from('GIF89a', 'latin1')],
  ['image/tiff', Buffer.from('II*\0\x08\0\0\0\0\0', 'latin1')],
  ['image/heic', box('ftyp', 'heic\0\0\0\0mif1heic')],
  ['image/heic-sequence', box('ftyp', 'hevc\0\0\0\0mif1hevc')],
])('%s is told by its bytes', async (mime, head) => {
  expect((await sniff(head))?.mime).toBe(mime)
})

test.each([
  ['a playlist', '#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n'],
  ['a concat list', 'ffconcat version 1.0\nfile /etc/passwd\n'],
  ['SVG', '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'],
  ['HTML', '<!doctype html><html></html>'],
  ['SDP', 'v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n'],
  ['a manifest', '<?xml version="1.0"?><MPD></MPD>'],
  ['a ZIP', 'PK\x03\x04\x14\0\0\0\0\0'],
  ['a PDF', '%PDF-1.7\n'],
  ['nothing', ''],
])('%s is not accepted', async (_, text) => {
  expect(await sniff(Buffer.from(text, 'latin1'))).toBeUndefined()
})

const frame = Buffer.concat([Buffer.from([0xff, 0xfb, 0x90, 0]), Buffer.alloc(413)])
const frames = (many: number) => Buffer.concat(Array.from({ length: many }, () => frame))

test('an MP3 that begins in the middle of something is found by its frames, four in a row', async () => {
  const front = Buffer.alloc(1000, 0x55)
  expect((await sniff(Buffer.concat([front, frames(5)])))?.mime).toBe('audio/mpeg')
  expect(await sniff(Buffer.concat([front, frames(2), Buffer.alloc(2000)]))).toBeUndefined()
})

test('a container for pictures has a sound’s name and type when only sound is in it', async () => {
  const video = { mime: 'video/mp4', extension: 'mp4', family: 'video' } as const
  expect(asSound(video)).toMatchObject({ mime: 'audio/mp4', extension: 'm4a' })
  expect(asSound({ ...video, mime: 'audio/flac', extension: 'flac' })).toMatchObject({ extension: 'flac' })
})

test('no bytes at all make it throw', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), async (head) => {
      const found = await sniff(head)
      if (found) expect(['video', 'audio', 'image']).toContain(found.family)
    }),
  )
})
