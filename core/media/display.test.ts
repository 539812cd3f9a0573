import { expect, test } from 'vitest'
import { displaySize, turnOf } from './display.ts'

const matrix = (a: number, b: number, c: number, d: number) =>
  `\n00000000: ${a} ${b} 0\n00000001: ${c} ${d} 0\n00000002: 0 0 1073741824\n`

test.each([
  [{ rotation: -90 }, { rotation: 90, mirrored: false }],
  [{ rotation: 90 }, { rotation: 270, mirrored: false }],
  [{ rotation: -180 }, { rotation: 180, mirrored: false }],
  [{ rotation: 45.3 }, { rotation: 270, mirrored: false }],
  [{}, { rotation: 0, mirrored: false }],
  [
    { displaymatrix: matrix(-65_536, 0, 0, 65_536), rotation: -180 },
    { rotation: 180, mirrored: true },
  ],
])('%o is %o', (found, turn) => {
  expect(turnOf(found)).toEqual(turn)
})

test('pixels are stretched before the picture is turned', () => {
  expect(displaySize({ width: 720, height: 576, sar: { num: 16, den: 15 }, rotation: 90 })).toEqual({
    width: 576,
    height: 768,
  })
})
