import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseRange } from './byte-range.ts'

test.each([
  ['bytes=0-0', { start: 0, end: 0 }],
  ['bytes=0-', { start: 0, end: 99 }],
  ['bytes=90-200', { start: 90, end: 99 }],
  ['bytes=-10', { start: 90, end: 99 }],
  ['bytes=-1000', { start: 0, end: 99 }],
  ['Bytes=5-6', { start: 5, end: 6 }],
  ['bytes=100-', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=6-5', undefined],
  ['bytes=-', undefined],
  ['bytes=0-1,5-6', undefined],
  ['items=0-1', undefined],
  ['bytes=0x1-2', undefined],
  [undefined, undefined],
])('of 100 bytes, %j asks for %j', (header, expected) => {
  expect(parseRange(header, 100)).toEqual(expected)
})

test('of an empty file every range is unsatisfiable', () => {
  expect([parseRange('bytes=0-', 0), parseRange('bytes=-5', 0)]).toEqual(['unsatisfiable', 'unsatisfiable'])
})

test('whatever is asked, a range lies within the file', () => {
  fc.assert(
    fc.property(fc.string(), fc.option(fc.nat()), fc.option(fc.nat()), fc.nat(), (junk, from, to, bytes) => {
      for (const header of [junk, `bytes=${from ?? ''}-${to ?? ''}`]) {
        const range = parseRange(header, bytes)
        if (typeof range !== 'object') continue
        expect(0 <= range.start && range.start <= range.end && range.end < bytes).toBe(true)
      }
    }),
  )
})
