import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toneTable, toSdr } from './tone-map.ts'

const code = fc.double({ min: 0, max: 1, noNaN: true })
const light = fc.constantFrom('pq' as const, 'hlg' as const)
/** Where BT.2408 puts the white of SDR, and half of its light. */
const [whitePq, halfPq, whiteHlg] = [0.58069, 0.50939, 0.75]

test('grey stays grey, brighter stays brighter, and black stays black', () => {
  fc.assert(
    fc.property(code, code, light, (one, other, kind) => {
      const [low, high] = [Math.min(one, other), Math.max(one, other)].map((level) =>
        toSdr([level, level, level], kind),
      )
      expect(Math.max(...(low ?? [])) - Math.min(...(low ?? []))).toBeLessThan(0.002)
      expect(high?.[1]).toBeGreaterThanOrEqual((low?.[1] ?? 0) - 1e-9)
    }),
  )
  expect(toSdr([0, 0, 0], 'pq')).toEqual([0, 0, 0])
  expect(toSdr([0, 0, 0], 'hlg')).toEqual([0, 0, 0])
})

test('what SDR can show stays as it is; its white gives up a little, so that lights have somewhere to be', () => {
  const grey = (level: number, kind: 'pq' | 'hlg') => Math.round(toSdr([level, level, level], kind)[1] * 255)
  // A quarter of white's light, 50.75 cd/m², is below the knee: the 143 of 255 that SDR shows it with.
  expect(grey(0.4397, 'pq')).toBeCloseTo(143, -0.5)
  expect(grey(halfPq, 'pq')).toBeGreaterThan(185)
  expect([grey(whitePq, 'pq'), grey(whiteHlg, 'hlg')]).toEqual([230, 230])
  expect([grey(1, 'pq'), grey(1, 'hlg')]).toEqual([255, 255])
})

test('no colour leaves the range, however bright or deep', () => {
  fc.assert(
    fc.property(code, code, code, light, (red, green, blue, kind) => {
      for (const value of toSdr([red, green, blue], kind)) expect(value >= 0 && value <= 1).toBe(true)
    }),
  )
})

test('the table is what ffmpeg reads: its size, and a line for each colour', () => {
  const lines = toneTable('pq', 3).trimEnd().split('\n')
  expect(lines[0]).toBe('LUT_3D_SIZE 3')
  expect(lines).toHaveLength(1 + 27)
  expect(lines.at(-1)).toBe('1.00000 1.00000 1.00000')
  expect(lines.every((line) => !/e|NaN/.test(line.slice(4)) || line.startsWith('LUT'))).toBe(true)
})
