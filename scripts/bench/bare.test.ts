import { expect, test } from 'vitest'
import { type BarePlan, bareCommand, perRungCommands } from './bare.ts'
import { median } from './median.ts'

const plan: BarePlan = {
  fps: { num: 25, den: 1 },
  grid: { gop: 50, segmentFrames: 100 },
  encoder: { name: 'libx264', preset: 'veryfast', crf: 23 },
  renditions: [
    { name: '720p', width: 1280, height: 720, maxBitrate: 2_800_000 },
    { name: '480p', width: 854, height: 480, maxBitrate: 1_400_000 },
  ],
}

const after = (args: string[], option: string) => args[args.indexOf(option) + 1]

test('the bare command has every rung, with the settings of the plan and the threads of x264', () => {
  const args = bareCommand({ plan, source: '/film.mp4', folder: '/out' })
  expect(after(args, '-filter_complex')).toBe('[0:v]split=2[s0][s1];[s0]scale=1280:720[v0];[s1]scale=854:480[v1]')
  expect([after(args, '-crf:v:1'), after(args, '-preset:v:1'), after(args, '-g:v:1')]).toEqual(['23', 'veryfast', '50'])
  expect([after(args, '-maxrate:v:1'), after(args, '-bufsize:v:1')]).toEqual(['1400000', '2800000'])
  expect(after(args, '-hls_time')).toBe('4')
  expect(after(args, '-var_stream_map')).toBe('v:0,agroup:audio v:1,agroup:audio a:0,agroup:audio')
  expect(args.join(' ')).not.toContain('threads')
})

test('a process per rung decodes once each, and one more makes the sound', () => {
  const commands = perRungCommands({ plan, source: '/film.mp4', folder: '/out' })
  const filters = commands.map((args) => args.filter((_, at) => args[at - 1] === '-vf').join())
  expect(filters).toEqual(['scale=1280:720', 'scale=854:480', ''])
  expect(commands.every((args) => args.filter((arg) => arg === '-i').length === 1)).toBe(true)
})

test('a median is the middle one, or lies between the two in the middle', () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([7])]).toEqual([2, 2.5, 7])
})
