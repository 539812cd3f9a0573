import { execFile } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SluiceError } from '../../core/errors.ts'
import { defaultProfile } from '../../core/media/built-in-profiles.ts'
import { type Mp4Plan, planMp4 } from '../../core/media/mp4-plan.ts'
import type { Profile } from '../../core/media/profile.ts'
import type { Storage } from '../../core/storage/storage.ts'
import type { ClipName } from '../../fixtures/clips.ts'
import { makeClip } from '../../fixtures/make.ts'
import { openVideoBench, type Produced, putInto } from '../../fixtures/video-bench.ts'
import type { MediaTools } from '../edges/tools.ts'
import { makeMp4 } from './make-mp4.ts'

const run = promisify(execFile)
const profile: Profile = {
  ...defaultProfile,
  video: defaultProfile.video && { ...defaultProfile.video, preset: 'ultrafast', chunkSeconds: 8 },
  mp4: { shortSide: 240 },
}
let videos: Awaited<ReturnType<typeof openVideoBench>>
let silent: Produced
beforeAll(async () => {
  videos = await openVideoBench()
  silent = await produce('silent5s')
})
afterAll(() => videos.close())

const produce = async (name: ClipName, wishes: Profile = profile) =>
  videos.produce({ source: await makeClip({ name, folder: videos.root }), profile: wishes })

type Change = { open?: (file: string) => Readable; without?: number; tools?: MediaTools }

async function make(made: Produced, { open = createReadStream, without, tools = videos.tools }: Change = {}) {
  const mp4 = planMp4({ video: made.plan, profile }) as Mp4Plan
  const bench = await videos.bench()
  const storage = { get: async (key: string) => open(path.join(made.folder, key)) } as Partial<Storage> as Storage
  const track = (name: string | null) => made.tracks.find((one) => one.name === name)
  const [pictures, sound] = [track(mp4.rendition), track(mp4.audio)]
  if (pictures === undefined) throw new Error(`no ${mp4.rendition}`)
  const segments = pictures.segments.filter(({ number }) => number !== without)
  let onDisk = 0
  const stored = await makeMp4({
    ...{ plan: made.plan, mp4, sound, prefix: '', tools },
    bench: { ...bench, storage },
    pictures: { ...pictures, segments },
    put: async (key, file) => {
      for (const name of await readdir(bench.scratch)) onDisk += (await stat(path.join(bench.scratch, name))).size
      return putInto(made.folder)(key, file)
    },
  })
  const file = path.join(made.folder, stored.key)
  const size = (of: typeof pictures | undefined) => (of?.segments ?? []).reduce((sum, { bytes }) => sum + bytes, 0)
  return { file, mp4, key: stored.key, onDisk, pictures: size(pictures), sound: size(sound) }
}

const probed = async (file: string) => {
  const { stdout } = await run('ffprobe', ['-v', 'error', '-show_streams', '-show_format', '-of', 'json', file])
  return JSON.parse(stdout) as { format: Record<string, unknown>; streams: Record<string, unknown>[] }
}
const pictures = async (input: string) => {
  const args = ['-v', 'error', '-i', input, '-map', '0:v', '-fps_mode', 'passthrough', '-f', 'framemd5', '-']
  const { stdout } = await run('ffmpeg', args, { maxBuffer: 2 ** 26 })
  return stdout
    .split('\n')
    .filter((line) => /^0,/.test(line))
    .map((line) => line.split(',').at(-1)?.trim())
}

test('every picture of the segments, from 0 on, beside their sound, in a file that starts while it loads', async () => {
  const made = await produce('chunks')
  const { file, key, ...sizes } = await make(made)
  expect(key).toBe('video/180p.mp4')
  const { streams, format } = await probed(file)
  expect(streams).toMatchObject([
    { codec_tag_string: 'avc1', start_time: '0.000000', duration: '21.000000', nb_frames: '504', r_frame_rate: '24/1' },
    { codec_tag_string: 'mp4a', start_time: '0.000000', channels: 2, sample_rate: '48000' },
  ])
  expect(format).toMatchObject({ start_time: '0.000000' })
  expect(Number(format['duration'])).toBeLessThan(21.1)
  expect(await pictures(file)).toEqual(await pictures(path.join(made.folder, 'hls/180p/playlist.m3u8')))
  const front = (await readFile(file)).toString('latin1')
  expect(front.indexOf('moov')).toBeLessThan(front.indexOf('mdat'))
  // On disk: the file itself and its sound once more, whatever the length.
  expect(sizes.onDisk).toBeLessThan(sizes.pictures + 2 * sizes.sound + 100_000)
})

test('sound that begins late begins at its moment, and 29.97 frames a second stay what they are', async () => {
  const late = await make(await produce('lateSound'))
  const args = ['-hide_banner', '-i', late.file, '-af', 'silencedetect=noise=-40dB:d=0.5', '-f', 'null', '-']
  const { stderr } = await run('ffmpeg', args)
  expect(Number(/silence_end: ([\d.]+)/.exec(stderr)?.[1])).toBeCloseTo(2, 1)
  const ntsc = await make(await produce('ntsc'))
  expect(ntsc.mp4).toMatchObject({ rendition: '240p', width: 426, height: 240 })
  const { streams } = await probed(ntsc.file)
  expect(streams[0]).toMatchObject({ r_frame_rate: '30000/1001', nb_frames: '150', duration: '5.005000' })
})

test('silent video is a file without a sound track', async () => {
  const { streams } = await probed((await make(silent)).file)
  expect(streams.map(({ codec_type }) => codec_type)).toEqual(['video'])
})

test('what misses a segment is not published', async () => {
  await expect(make(silent, { without: 1 })).rejects.toMatchObject({
    code: 'output_invalid',
    message: expect.stringContaining('100 of 125 pictures'),
  })
})

test('a storage that breaks off in the middle is told as such, not as broken media', async () => {
  let opened = 0
  const open = (file: string) => {
    opened += 1
    if (opened > 2) throw new SluiceError('storage_unavailable', { message: 'the storage is away' })
    return createReadStream(file)
  }
  await expect(make(silent, { open })).rejects.toMatchObject({ code: 'storage_unavailable', fate: 'later' })
})

test('an ffmpeg that dies while pictures flow into it is told as what it died of, not as its broken pipe', async () => {
  const ffmpeg = path.join(videos.root, 'dying-ffmpeg')
  await writeFile(ffmpeg, "#!/bin/sh\nhead -c 1000 >/dev/null\necho 'it broke down' >&2\nexit 1\n", { mode: 0o755 })
  const endless = () =>
    Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(65_536)
      })(),
      { objectMode: false },
    )
  await expect(make(silent, { open: endless, tools: { ...videos.tools, ffmpeg, sandbox: [] } })).rejects.toMatchObject({
    code: 'encoder_failed',
    message: expect.stringContaining('it broke down'),
  })
})
