import { expect, test } from 'vitest'
import { fileUrl, inputArgs, seconds } from './ffmpeg-args.ts'

test('every input is opened behind all the safety options, as a file', () => {
  const args = inputArgs({ path: '/scratch/a b' })
  for (const option of [
    '-protocol_whitelist',
    '-format_whitelist',
    '-codec_whitelist',
    '-max_streams',
    '-max_pixels',
    '-probesize',
  ]) {
    expect(args.indexOf(option)).toBeGreaterThanOrEqual(0)
    expect(args.indexOf(option)).toBeLessThan(args.indexOf('-i'))
  }
  expect(args.slice(-2)).toEqual(['-i', 'file:/scratch/a b'])
})

test('demuxers that open other files are not on the list', () => {
  const args = inputArgs({ path: '/x' })
  const formats = (args[args.indexOf('-format_whitelist') + 1] ?? '').split(',')
  for (const reader of ['hls', 'concat', 'dash', 'image2', 'sdp', 'imf', 'lavfi', 'tty', 'svg_pipe']) {
    expect(formats).not.toContain(reader)
  }
})

test.each(['relative', 'concat:a|b', '-y', 'http://host/x', '/a\0b'])('the path %s is refused', (path) => {
  expect(() => fileUrl(path)).toThrow()
})

test('numbers have no exponent and are numbers', () => {
  expect(seconds(1e-7)).toBe('0.000000')
  expect(() => seconds(Number.NaN)).toThrow()
})
