import fc from 'fast-check'
import { expect, test } from 'vitest'
import { frameRate, measuredRate, outputRate } from './frame-rate.ts'
import { toNumber } from './rational.ts'

test.each([
  ['30000/1001', '30000/1001', { num: 30_000, den: 1001 }, true],
  ['25/1', '25/1', { num: 25, den: 1 }, true],
  ['29917/1000', '29917/1000', { num: 29_917, den: 1000 }, true],
  ['1090000/36251', '30/1', { num: 30, den: 1 }, false],
  ['24000/1001', '48/1', { num: 24_000, den: 1001 }, false],
  ['1000/1', '60/1', { num: 60, den: 1 }, false],
  ['17/1', '90000/1', { num: 17, den: 1 }, false],
])('an average of %s with %s is a rate', (average, lowest, fps, constantRate) => {
  expect(frameRate({ average, lowest })).toEqual({ fps, constantRate })
})

test.each(['0/0', 'N/A', undefined, '10240/1', '1/1024', '-5/1', 'NaN'])('%s is no rate at all', (text) => {
  expect(frameRate({ average: text, lowest: text }).fps).toBeUndefined()
})

test('rates over the cap are halved, so that frames drop evenly; slide shows get one picture a second', () => {
  expect(outputRate({ fps: { num: 120, den: 1 }, maxFps: 60 })).toEqual({ num: 60, den: 1 })
  expect(outputRate({ fps: { num: 120_000, den: 1001 }, maxFps: 60 })).toEqual({ num: 60_000, den: 1001 })
  expect(outputRate({ fps: { num: 60, den: 1 }, maxFps: 60 })).toEqual({ num: 60, den: 1 })
  expect(outputRate({ fps: { num: 1, den: 10 }, maxFps: 60 })).toEqual({ num: 1, den: 1 })
  expect(outputRate({ fps: undefined, maxFps: 60 })).toEqual({ num: 30, den: 1 })
})

test('a counted rate is the standard one it is nearest to', () => {
  expect(measuredRate({ frames: 524, seconds: 17.484 })).toEqual({ num: 30_000, den: 1001 })
  expect(measuredRate({ frames: 1, seconds: 1 })).toBeUndefined()
})

test('whatever the source says, we encode at 1 to 60 frames a second', () => {
  const rate = fc.record({ num: fc.integer({ min: 1, max: 1_000_000 }), den: fc.integer({ min: 1, max: 100_000 }) })
  fc.assert(
    fc.property(rate, ({ num, den }) => {
      const { fps } = frameRate({ average: `${num}/${den}`, lowest: `${num}/${den}` })
      const out = toNumber(outputRate({ fps, maxFps: 60 }))
      expect(out).toBeGreaterThanOrEqual(1)
      expect(out).toBeLessThanOrEqual(60.01)
    }),
  )
})
