import { expect, test } from 'vitest'
import { plainInit } from './plain-init.ts'

const box = (type: string, ...parts: Uint8Array[]) => {
  const body = Buffer.concat(parts)
  const head = Buffer.alloc(8)
  head.writeUInt32BE(body.length + 8)
  head.write(type, 4, 'latin1')
  return Buffer.concat([head, body])
}
const init = (version: string) =>
  Buffer.concat([
    box('ftyp', Buffer.from('iso5')),
    box('moov', box('mvhd', Buffer.alloc(20)), box('udta', Buffer.from(version)), box('trak', Buffer.from('track'))),
  ])
const without = Buffer.concat([
  box('ftyp', Buffer.from('iso5')),
  box('moov', box('mvhd', Buffer.alloc(20)), box('trak', Buffer.from('track'))),
])

test('what two versions of ffmpeg write of one track is the same once their names are out of it', () => {
  expect(Buffer.from(plainInit(init('Lavf59.27.100')))).toEqual(without)
  expect(Buffer.from(plainInit(init('Lavf61.7.100, a longer word')))).toEqual(without)
})

test('an init segment without a name stays as it is, and one that is no init segment too', () => {
  expect(Buffer.from(plainInit(without))).toEqual(without)
  for (const bytes of [new Uint8Array(), Buffer.from('no boxes'), Buffer.alloc(64)])
    expect(plainInit(bytes)).toBe(bytes)
})
