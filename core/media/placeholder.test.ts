import fc from 'fast-check'
import { thumbHashToAverageRGBA } from 'thumbhash'
import { expect, test } from 'vitest'
import { mainColor, placeholderOf } from './placeholder.ts'

const filled = (pixels: number, rgba: number[]) => new Uint8Array(Array.from({ length: pixels }, () => rgba).flat())

test('the main colour is the one seen most, not a mixture of all', () => {
  expect(mainColor(new Uint8Array([...filled(60, [200, 30, 40, 255]), ...filled(40, [20, 220, 60, 255])]))).toBe(
    '#c81e28',
  )
})

test('what is transparent has no say in the colour, and nothing at all is white', () => {
  expect(mainColor(new Uint8Array([...filled(90, [0, 0, 0, 0]), ...filled(10, [16, 32, 48, 255])]))).toBe('#102030')
  expect(mainColor(filled(9, [0, 0, 0, 0]))).toBe('#ffffff')
})

test('the thumbhash gives the picture back, in small', () => {
  const { thumbhash } = placeholderOf({ width: 10, height: 10, rgba: filled(100, [200, 40, 40, 255]) })
  const { r, g, b } = thumbHashToAverageRGBA(Buffer.from(thumbhash, 'base64'))
  expect(r).toBeGreaterThan(0.6)
  expect(Math.max(g, b)).toBeLessThan(0.35)
})

test('every picture has a placeholder that can be written into a page', () => {
  const swatch = fc
    .record({ width: fc.integer({ min: 1, max: 20 }), height: fc.integer({ min: 1, max: 20 }) })
    .chain(({ width, height }) =>
      fc
        .uint8Array({ minLength: width * height * 4, maxLength: width * height * 4 })
        .map((rgba) => ({ width, height, rgba })),
    )
  fc.assert(
    fc.property(swatch, (picture) => {
      const { thumbhash, color } = placeholderOf(picture)
      expect(color).toMatch(/^#[0-9a-f]{6}$/)
      expect(thumbhash).toMatch(/^[A-Za-z0-9+/]+=*$/)
    }),
  )
})
