import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { builtInProfiles } from '../../core/media/built-in-profiles.ts'
import { planStoryboard } from '../../core/media/storyboard.ts'
import { planVideo } from '../../core/media/video-plan.ts'
import { openStillBench } from '../../fixtures/still-bench.ts'
import { makeStillClip } from '../../fixtures/still-clips.ts'
import { type ClockClip, clockLuma, makeClockClip } from '../../fixtures/storyboard-clips.ts'
import { probe } from '../edges/ffprobe.ts'
import { findTools, type MediaTools } from '../edges/tools.ts'
import { makeStoryboard } from './storyboard.ts'

let folder: string
let tools: MediaTools
let desk: Awaited<ReturnType<typeof openStillBench>>
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-storyboards-'))
  tools = await findTools({ searchPath: process.env['PATH'] })
})
afterAll(() => rm(folder, { recursive: true }))
beforeEach(async () => {
  desk = await openStillBench()
})
afterEach(() => desk.close())

async function storyboardOf(sourcePath: string, change: { duration?: number } = {}) {
  const { bench, put } = desk
  const info = await probe({ tools, path: sourcePath, cwd: bench.scratch, signal: bench.signal })
  const [profile] = builtInProfiles
  if (!profile || !info.video) throw new Error('nothing to plan')
  const { origin, seekZero, duration } = planVideo({ info, profile })
  const plan = planStoryboard({ source: info.video, duration, origin, seekZero, ...change })
  return { plan, ...(await makeStoryboard({ info, plan, sourcePath, tools, bench, put })) }
}

/** Each cue of the published WebVTT with the mean light of the tile it names. */
async function tilesShown() {
  const vtt = desk.files.get('storyboard/storyboard.vtt')?.toString() ?? ''
  const cues = [...vtt.matchAll(/^(\d\d):(\d\d):(\S+) --> \S+\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)$/gm)]
  return Promise.all(
    cues.map(async ([, h, m, s, file, ...box]) => {
      const [left = 0, top = 0, width = 0, height = 0] = box.map(Number)
      const image = sharp(desk.files.get(`storyboard/${file}`)).extract({ left, top, width, height })
      const { channels } = await sharp(await image.png().toBuffer()).stats()
      return { from: Number(h) * 3600 + Number(m) * 60 + Number(s), light: channels[0]?.mean ?? 0 }
    }),
  )
}

/** The clips brighten steadily, so a tile's light tells when it was filmed. */
async function expectOnTime({ seconds, within, cut = 0 }: { seconds: number; within: number; cut?: number }) {
  const tiles = await tilesShown()
  for (const { from, light } of tiles) {
    const tolerance = Math.abs(clockLuma({ at: within, seconds }) - clockLuma({ at: 0, seconds })) + 4
    expect(Math.abs(light - clockLuma({ at: cut + from, seconds })), `the tile at ${from} s`).toBeLessThan(tolerance)
  }
  return tiles.length
}

test.each<[ClockClip, number, number]>([
  ['keyframesEvery2', 12, 2],
  ['keyframesEvery10', 12, 5],
  ['intra', 12, 0.2],
  ['transportStream', 12, 2],
  ['webm', 12, 5],
  ['oneKeyframe', 12, 0.2],
])('%s: every tile shows its time', async (name, count, within) => {
  const made = await storyboardOf(await makeClockClip({ name, folder }))
  expect(made).toMatchObject({ interval: 5, tiles: count })
  expect(await expectOnTime({ seconds: 60, within })).toBe(count)
  for (const { key, width, height } of made.sprites) {
    const file = key.slice(key.indexOf('storyboard/'))
    const { info } = await sharp(desk.files.get(file), { failOn: 'warning' })
      .raw()
      .toBuffer({ resolveWithObject: true })
    expect(`${info.width}x${info.height}`).toBe(`${width}x${height}`)
  }
})

test('what an edit list cuts off is on no tile', async () => {
  const made = await storyboardOf(await makeClockClip({ name: 'cutMidway', folder }))
  expect(made.tiles).toBe(12)
  await expectOnTime({ seconds: 60, within: 6.5, cut: 4 })
})

test('keyframes a minute apart in two hours: a slower beat, and every tile still shows its time', async () => {
  const made = await storyboardOf(await makeClockClip({ name: 'rareInTwoHours', folder }))
  expect(made.plan.interval).toBe(20)
  expect(made.tiles).toBeLessThanOrEqual(400)
  await expectOnTime({ seconds: 7200, within: 1.5 * Math.max(made.interval, 60) })
})

test('a storyboard of pictures that are not there is not published', async () => {
  const half = storyboardOf(await makeClockClip({ name: 'keyframesEvery2', folder }), { duration: 900 })
  await expect(half).rejects.toMatchObject({ code: 'output_invalid' })
  expect(desk.files.size).toBe(0)
})

test('a video filmed upright has upright tiles', async () => {
  const made = await storyboardOf(await makeClockClip({ name: 'upright', folder }))
  expect(made.plan).toMatchObject({ width: 36, height: 64 })
  expect(made.sprites[0]).toMatchObject({ width: 360, height: 128 })
})

test('HDR is tone-mapped on tiles too', async () => {
  await storyboardOf(await makeStillClip({ name: 'paperWhitePq', folder }))
  for (const { light } of await tilesShown()) expect(light).toBeGreaterThan(148)
})

test('a cancelled task stops before anything is published', async () => {
  const file = await makeClockClip({ name: 'keyframesEvery2', folder })
  const info = await probe({ tools, path: file, cwd: folder, signal: new AbortController().signal })
  if (!info.video) throw new Error('no video')
  desk.abort.abort(new Error('cancelled'))
  const plan = planStoryboard({ source: info.video, duration: 60, origin: 0, seekZero: 0 })
  const { bench, put } = desk
  await expect(makeStoryboard({ info, plan, sourcePath: file, tools, bench, put })).rejects.toThrow('cancelled')
  expect(desk.files.size).toBe(0)
})
