import { expect, test } from 'vitest'
import { rushMeter } from './rush-meter.ts'

function meter() {
  let at = 0
  const rush = rushMeter(() => at)
  const after = (ms: number) => {
    at += ms
    return rush
  }
  return { rush, after }
}

test('many taken within a second while more wait are a rush, which ends with the last of them or by itself', () => {
  const { rush, after } = meter()
  rush.saw({ wanted: 32, got: 32 })
  expect(rush.isOn()).toBe(true)
  expect(after(1_100).isOn()).toBe(false)
  rush.saw({ wanted: 32, got: 32 })
  rush.saw({ wanted: 32, got: 5 })
  expect(rush.isOn()).toBe(false)
})

test('slots that become free one by one, behind slow origins, are no rush, however many wait', () => {
  const { rush, after } = meter()
  for (let n = 0; n < 100; n++) {
    after(100).saw({ wanted: 1, got: 1 })
    expect(rush.isOn()).toBe(false)
    expect(rush.moreWait()).toBe(true)
  }
})
