import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { corners } from '../../fixtures/images.ts'
import { openStillBench } from '../../fixtures/still-bench.ts'
import { makeStillClip, type StillClip } from '../../fixtures/still-clips.ts'
import { probe } from '../edges/ffprobe.ts'
import { findTools, type MediaTools } from '../edges/tools.ts'
import { makeStills } from './stills.ts'

let folder: string
let tools: MediaTools
let desk: Awaited<ReturnType<typeof openStillBench>>
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-still-clips-'))
  tools = await findTools({ searchPath: process.env['PATH'] })
})
afterAll(() => rm(folder, { recursive: true }))
beforeEach(async () => {
  desk = await openStillBench()
})
afterEach(() => desk.close())

async function stillsOf(name: StillClip) {
  const sourcePath = await makeStillClip({ name, folder })
  const { bench, put } = desk
  const info = await probe({ tools, path: sourcePath, cwd: bench.scratch, signal: bench.signal })
  const started = performance.now()
  const { outputs, placeholder } = await makeStills({
    info,
    sourcePath,
    wishes: { thumbnails: 'cover', poster: true },
    tools,
    bench,
    put,
  })
  return { outputs, placeholder, seconds: (performance.now() - started) / 1000 }
}

const sizes = (outputs: { role: string; name: string; width: number; height: number }[]) =>
  outputs.map(({ role, name, width, height }) => `${role} ${name} ${width}x${height}`)
const three = ['thumbnail small 320x180', 'thumbnail medium 640x360', 'thumbnail large 1280x720']

/** Mean red, green and blue of a published file, or of one spot of it. */
async function colors(file: string, spot?: { left: number; top: number }) {
  const image = sharp(desk.files.get(file)).removeAlpha()
  const { channels } = await sharp(
    await (spot ? image.extract({ ...spot, width: 8, height: 8 }) : image).png().toBuffer(),
  ).stats()
  return channels.map(({ mean }) => mean)
}

test.each(['halfBlack', 'halfBlackOneKeyframe'] as const)(
  '%s: the thumbnails show the half with a picture in it',
  async (name) => {
    const { outputs, placeholder } = await stillsOf(name)
    expect(sizes(outputs)).toEqual(['poster poster 320x180', ...three])
    for (const { name: size } of outputs.slice(1)) {
      expect(Math.max(...(await colors(`thumbnails/${size}.jpg`)))).toBeGreaterThan(60)
    }
    expect(placeholder.color).not.toBe('#000000')
  },
)

test.each(['lateAfterBlack', 'lateAfterBlue', 'lateInOneKeyframe'] as const)(
  '%s: what comes only in the last seconds is found',
  async (name) => {
    await stillsOf(name)
    const { channels } = await sharp(desk.files.get('poster.jpg')).stats()
    expect(Math.min(...channels.map(({ stdev }) => stdev))).toBeGreaterThan(40)
  },
)

test('a video that is all black still has its poster and its three thumbnails', async () => {
  const { outputs, placeholder } = await stillsOf('black')
  expect(sizes(outputs)).toEqual(['poster poster 320x180', ...three])
  expect(placeholder.color).toBe('#000000')
})

test.each(['oneFrame', 'threeFrames'] as const)('%s is enough for all stills', async (name) => {
  const { outputs } = await stillsOf(name)
  expect(sizes(outputs)).toEqual(['poster poster 320x240', ...three])
})

test('a video filmed upright has an upright poster', async () => {
  const { outputs } = await stillsOf('turnedCorners')
  expect(sizes(outputs)).toEqual(['poster poster 180x320', ...three])
  const spots = [
    [10, 10],
    [160, 10],
    [10, 300],
    [160, 300],
  ] as const
  for (const [n, [left, top]] of spots.entries()) {
    const found = await colors('poster.jpg', { left, top })
    const wanted = corners[n] ?? []
    expect(found.every((level, index) => Math.abs(level - (wanted[index] ?? 0)) < 40)).toBe(true)
  }
})

test('the poster of a video with oblong pixels has the shape that is seen', async () => {
  const { outputs } = await stillsOf('anamorphic')
  expect(sizes(outputs)).toEqual(['poster poster 1024x576', ...three])
})

test('HDR is tone-mapped: its code values are not taken for those of SDR', async () => {
  await stillsOf('paperWhitePq')
  const [red = 0, green = 0, blue = 0] = await colors('poster.jpg')
  // Taken as it is, the code value 509 of 1023 would be a grey of 130.
  expect(Math.min(red, green, blue)).toBeGreaterThan(148)
  expect(Math.max(red, green, blue) - Math.min(red, green, blue)).toBeLessThan(10)
})

test('three hours cost no more than seconds', async () => {
  const { outputs, seconds } = await stillsOf('threeHours')
  expect(sizes(outputs)).toEqual(['poster poster 160x90', ...three])
  expect(seconds).toBeLessThan(60)
})

test('a cancelled task stops before anything is published', async () => {
  desk.abort.abort(new Error('cancelled'))
  const sourcePath = await makeStillClip({ name: 'oneFrame', folder })
  const info = await probe({ tools, path: sourcePath, cwd: folder, signal: new AbortController().signal })
  const { bench, put } = desk
  await expect(
    makeStills({ info, sourcePath, wishes: { thumbnails: 'cover', poster: true }, tools, bench, put }),
  ).rejects.toThrow('cancelled')
  expect(desk.files.size).toBe(0)
})
