import fc from 'fast-check'
import { expect, test } from 'vitest'
import { waveformMeter } from './waveform.ts'

const bytesOf = (values: number[]) => Buffer.from(new Int16Array(values).buffer)

test('each point is the lowest and the highest of 256 samples, in eight bits', () => {
  const meter = waveformMeter({ channels: 1, sampleRate: 48_000 })
  meter.read(bytesOf([...Array.from({ length: 256 }, (_, n) => (n === 3 ? -32_768 : 0)), 25_600, 0]))
  expect(meter.waveform()).toEqual({
    version: 2,
    channels: 1,
    sample_rate: 48_000,
    samples_per_pixel: 256,
    bits: 8,
    length: 2,
    data: [-128, 0, 0, 100],
  })
  expect(meter.seconds()).toBeCloseTo(258 / 48_000)
})

test('two channels share a point, so that opposite ones do not cancel out', () => {
  const meter = waveformMeter({ channels: 2, sampleRate: 48_000 })
  meter.read(bytesOf([12_800, -12_800]))
  expect(meter.waveform().data).toEqual([-50, 50])
  expect(meter.seconds()).toBe(1 / 48_000)
})

test('however long, it has at most 8192 points, and a peak is where it was', () => {
  const meter = waveformMeter({ channels: 1, sampleRate: 48_000 })
  const quiet = Buffer.alloc(2 * 1_000_000)
  for (let n = 0; n < 10; n++) meter.read(quiet)
  meter.read(bytesOf([32_767]))
  for (let n = 0; n < 10; n++) meter.read(quiet)
  const { length, data, samples_per_pixel: perPoint } = meter.waveform()
  expect(length).toBeGreaterThan(4096)
  expect(length).toBeLessThanOrEqual(8192)
  expect(length).toBe(Math.ceil(20_000_001 / perPoint))
  expect(data.indexOf(127)).toBe(2 * Math.floor(10_000_000 / perPoint) + 1)
})

test('how the bytes are cut into pieces makes no difference', () => {
  const sound = Buffer.from(Array.from({ length: 9_001 }, (_, n) => (n * 7919) % 256))
  const whole = waveformMeter({ channels: 2, sampleRate: 48_000 })
  whole.read(sound)
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: sound.length }), { maxLength: 12 }), (places) => {
      const meter = waveformMeter({ channels: 2, sampleRate: 48_000 })
      const cuts = [0, ...places.toSorted((a, b) => a - b), sound.length]
      for (const [n, from] of cuts.entries()) meter.read(sound.subarray(from, cuts[n + 1] ?? from))
      expect(meter.waveform()).toEqual(whole.waveform())
      expect(meter.seconds()).toBe(whole.seconds())
    }),
  )
})
