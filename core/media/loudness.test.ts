import { expect, test } from 'vitest'
import { gainTo, parseLoudness } from './loudness.ts'

const report = (integrated: string, range = '4.240', peak = '0.501') =>
  `frame:9 pts:1 pts_time:0.9\nlavfi.r128.M=-20.1\nlavfi.r128.I=${integrated}\nlavfi.r128.LRA=${range}\n` +
  `lavfi.r128.LRA.low=-30.000\nlavfi.r128.true_peaks_ch0=0.001\nlavfi.r128.true_peak=${peak}\n`

test('the last report counts, and what is cut off does not', () => {
  const text = `I=-3\n${report('-40.000')}${report('-16.049')}frame:10 pts:2 pts_time:1\nlavfi.r128.I=-9`
  expect(parseLoudness(`${text}\n`)?.integrated).toBe(-9)
  expect(parseLoudness(report('-40.000') + report('-16.049'))).toEqual({
    integrated: -16,
    range: 4.2,
    truePeak: -6,
  })
})

test.each([
  ['silence', report('-70.000', '0.000', '0.000')],
  ['nothing', ''],
  ['nonsense', report('nan')],
  ['minus infinity', report('-inf')],
])('%s has no loudness', (_, text) => expect(parseLoudness(text)).toBeUndefined())

test('sound is raised or lowered to the target, its peaks held where they would clip, and silence is not raised without end', () => {
  const loudness = { integrated: -26, range: 5, truePeak: -14 }
  expect(gainTo({ target: -16, loudness })).toEqual({ gain: 10, limit: false })
  expect(gainTo({ target: -16, loudness: { ...loudness, truePeak: -8 } })).toEqual({ gain: 10, limit: true })
  expect(gainTo({ target: -16, loudness: { ...loudness, integrated: -9.5, truePeak: 0 } })).toEqual({
    gain: -6.5,
    limit: false,
  })
  expect(gainTo({ target: -16, loudness: { ...loudness, integrated: -69 } }).gain).toBe(30)
})
