import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sniff } from '../../core/media/sniff.ts'
import type { Waveform } from '../../core/media/waveform.ts'
import { openSoundBench } from '../../fixtures/sound-bench.ts'
import { makeSound, makeSounds, soundSeconds, sounds } from '../../fixtures/sounds.ts'

let desk: Awaited<ReturnType<typeof openSoundBench>>
beforeAll(async () => {
  desk = await openSoundBench()
  await makeSounds(desk.folder)
})
afterAll(() => desk.close())

const source = (file: string) => path.join(desk.folder, file)
const waveform = async (): Promise<Waveform> => JSON.parse(await readFile(desk.at('audio/waveform.json'), 'utf8'))

test.each(sounds)('$file is taken for what it is', async ({ file, codec, channels }) => {
  expect(await sniff((await readFile(source(file))).subarray(0, 65_536))).toBeDefined()
  expect(await desk.look(source(file))).toMatchObject({ kind: 'audio', audio: [{ codec, channels }] })
})

// One for each way of telling the time, and of having more or less at either end than was recorded.
const heard = ['nb.amr', 'wb.3gp', 'recorder.webm', 'stereo.opus', 'speex.ogg', 'aac.aac', 'aac.m4a', 'alac.caf']
const others = ['tagged.mp3', 'bare.mp3', 'flac.ogg', 'u8.wav', 'alaw.wav', 'sony.w64', 'windows.wma', 'dolby.ac3']

test.each([...heard, ...others])('%s becomes AAC of its true length, in its channels', async (file) => {
  const { info, made, m4a } = await desk.encode(source(file))
  const { channels = 2, codec = '' } = info.audio[0] ?? {}
  expect(m4a.audio).toMatchObject([{ codec: 'aac', channels, sampleRate: 48_000 }])
  // A codec's first and last frame may be kept or not.
  const frames = /^(wma|aac|mp3|ac3|speex)/.test(codec) ? 0.08 : 0.03
  expect(Math.abs(made.seconds - soundSeconds)).toBeLessThan(frames)
  expect(Math.abs((m4a.duration ?? 0) - made.seconds)).toBeLessThan(0.05)
})

test('the file plays while it loads, and tells nothing of who made it or where', async () => {
  const tags = ['title', 'artist', 'comment', 'location'].flatMap((name) => ['-metadata', `${name}=SECRET-${name}`])
  const more = ['-metadata:s:a', 'title=SECRET-track', '-metadata:s:a', 'handler_name=SECRET-handler']
  const args = [...tags, ...more, '-c:a', 'aac']
  const file = await makeSound({ folder: desk.folder, file: 'secret.m4a', source: 'sine=d=1', args })
  expect((await readFile(file)).includes('SECRET')).toBe(true)
  await desk.encode(file)
  const bytes = await readFile(desk.at('audio/audio.m4a'))
  expect(bytes.includes('SECRET')).toBe(false)
  expect(bytes.indexOf('moov')).toBeLessThan(bytes.indexOf('mdat'))
})

test('the waveform shows where the sound is, whatever its channels do', async () => {
  const loud = 'between(t\\,1\\,2)*0.5*sin(2*PI*440*t)'
  const file = await makeSound({
    ...{ folder: desk.folder, file: 'swell.wav' },
    source: `aevalsrc=${loud}|-${loud}:s=48000:d=3`,
  })
  const { made } = await desk.encode(file)
  const { data, length, ...rest } = await waveform()
  expect(rest).toEqual({ version: 2, channels: 1, sample_rate: 48_000, samples_per_pixel: 256, bits: 8 })
  expect(length).toBe(Math.ceil((48_000 * made.seconds) / 256))
  const at = (seconds: number) => data.slice(2 * Math.floor((seconds * 48_000) / 256)).slice(0, 2)
  expect([at(0.5), at(2.5)]).toEqual([
    [0, 0],
    [0, 0],
  ])
  const [low = 0, high = 0] = at(1.5)
  expect([Math.round(low / 4), Math.round(high / 4)]).toEqual([-16, 16])
})

// EBU Tech 3341, case 1: what the meter must say to a tone of this height.
const tone = (decibels: number) => {
  const wave = `${10 ** (decibels / 20)}*sin(2*PI*1000*t)`
  return `aevalsrc=${wave}|${wave}:s=48000:d=4`
}

test('loudness is what the standard says of a known tone; silence has none', async () => {
  const file = await makeSound({ folder: desk.folder, file: 'ebu.flac', source: tone(-23) })
  expect((await desk.encode(file)).made.loudness).toEqual({ integrated: -23, range: 0, truePeak: -23 })
})

test('a profile can have it made louder or softer, and the facts still tell what was sent', async () => {
  const file = await makeSound({ folder: desk.folder, file: 'soft.wav', source: tone(-30) })
  const { made } = await desk.encode(file, { loudness: -16, waveform: false })
  expect(made).toMatchObject({ loudness: { integrated: -30 }, waveform: undefined })
  const again = await desk.encode(desk.at('audio/audio.m4a'))
  expect(again.made.loudness?.integrated).toBeCloseTo(-16, 0)
  expect(again.made.loudness?.truePeak).toBeLessThan(0)
})

test('six channels are mixed to two in which the middle is heard on both sides, and nothing clips', async () => {
  const wave = '0.9*sin(2*PI*440*t)'
  const file = await makeSound({
    ...{ folder: desk.folder, file: 'surround.wav' },
    source: `aevalsrc=0|0|${wave}|0|0|0:c=5.1:s=48000:d=1`,
  })
  const { m4a, made } = await desk.encode(file)
  expect(m4a.audio[0]?.channels).toBe(2)
  expect(made.loudness?.truePeak).toBeGreaterThan(-15)
  expect(made.loudness?.truePeak).toBeLessThan(-3)
})
