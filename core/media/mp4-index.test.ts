import fc from 'fast-check'
import { expect, test } from 'vitest'
import { box } from '../../fixtures/hard/boxes.ts'
import { SluiceError } from '../errors.ts'
import { boxHead, refuseBadIndex, samplesOfFragment } from './mp4-index.ts'

const words = (...values: number[]) => {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [n, value] of values.entries()) bytes.writeUInt32BE(value, n * 4)
  return bytes
}
const index = (...tables: Buffer[]) => box('trak', box('mdia', box('minf', box('stbl', ...tables))))
const codeOf = (moov: Uint8Array) => {
  try {
    refuseBadIndex(moov)
    return 'taken'
  } catch (error) {
    return error instanceof SluiceError ? error.code : error
  }
}

test.each(['encv', 'enca', 'drms', 'drmi'])('a sample entry of the kind %s is encrypted', (name) => {
  const clear = index(box('stsd', words(0, 1), box('avc1', Buffer.alloc(78))))
  const locked = index(box('stsd', words(0, 1), box(name, Buffer.alloc(78))))
  expect(codeOf(clear)).toBe('taken')
  expect(codeOf(Buffer.concat([clear, locked]))).toBe('encrypted_media')
})

test('a table with more entries than bytes is refused, but for samples that are all of one size', () => {
  expect(codeOf(index(box('stsz', words(0, 0, 2, 10, 11))))).toBe('taken')
  expect(codeOf(index(box('stsz', words(0, 0, 3, 10, 11))))).toBe('corrupt_media')
  expect(codeOf(index(box('stsz', words(0, 1, 4_000_000_000))))).toBe('taken')
  expect(codeOf(index(box('stts', words(0, 0xffff_ffff, 1, 1))))).toBe('corrupt_media')
  expect(codeOf(index(box('co64', words(0, 2, 0, 1, 0, 2))))).toBe('taken')
})

test('samples that need no bytes are counted, but for sound in single ticks', () => {
  const track = (kind: string, delta: number, ...more: Buffer[]) => {
    const handler = box('hdlr', words(0, 0), Buffer.from(kind), Buffer.alloc(13))
    const tables = [box('stsz', words(0, 2, 90_000_000)), box('stts', words(0, 1, 90_000_000, delta)), ...more]
    return box('trak', box('mdia', handler, box('minf', box('stbl', ...tables))))
  }
  const counted = (...tracks: Buffer[]) => refuseBadIndex(Buffer.concat(tracks)).samples
  expect(counted(track('vide', 1), track('vide', 1))).toBe(180_000_000)
  expect(counted(track('soun', 1024))).toBe(90_000_000)
  expect(counted(track('soun', 1))).toBe(0)
  // Whoever says it twice means the other.
  expect(counted(track('soun', 1, box('stts', words(0, 1, 90_000_000, 2))))).toBe(90_000_000)
})

test('the runs of a fragment are counted together', () => {
  const traf = (...claims: number[]) =>
    box('traf', box('tfhd', words(0, 1)), ...claims.map((many) => box('trun', words(0, many))))
  expect(samplesOfFragment(Buffer.concat([box('mfhd', words(0, 1)), traf(5, 6), traf(7)]))).toBe(18)
})

test('a packed index is not read', () => {
  expect(codeOf(box('cmov', Buffer.alloc(20)))).toBe('unsupported_container')
})

test('a box of 64 bits, one to the end, and one that runs past it', () => {
  const head = (...values: number[]) => new DataView(new Uint8Array(words(...values)).buffer)
  const mdat = 0x6d64_6174
  expect(boxHead({ head: head(1, mdat, 1, 0), at: 100, limit: 500 })).toMatchObject({
    start: 116,
    declaredEnd: 2 ** 32 + 100,
    end: 500,
  })
  expect(boxHead({ head: head(0, mdat, 0, 0), at: 100, limit: 500 })).toMatchObject({ start: 108, declaredEnd: 500 })
  expect(boxHead({ head: head(4, mdat), at: 0, limit: 500 })).toBeUndefined()
  expect(boxHead({ head: head(1, mdat), at: 0, limit: 500 })).toBeUndefined()
})

test('whatever the bytes, a look at them ends', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, inside) => {
      const moov = inside ? index(box('stsd', words(0, 1), Buffer.from(bytes))) : bytes
      expect(['taken', 'corrupt_media', 'encrypted_media']).toContain(codeOf(moov))
      expect(samplesOfFragment(bytes)).toBeGreaterThanOrEqual(0)
    }),
  )
})
