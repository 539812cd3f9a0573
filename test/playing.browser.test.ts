import { execFile } from 'node:child_process'
import { openAsBlob } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { type Asset, Sluice } from '../client/index.ts'
import { freePort } from '../core/db/embedded/free-port.ts'
import { waitUntil } from '../core/db/embedded/wait-until.ts'
import { launchChromium } from './setup/chromium.ts'
import { type SpawnedUp, spawnUp } from './setup/spawned-up.ts'
import { tempFolder } from './setup/temp-folder.ts'

const fps = 25
const seconds = 32
/** Pieces of 4, 8, 8, 8 and 4 s. */
const joins = [4, 12, 20, 28].map((second) => second * fps)
const profile = { joins: { extends: 'default', video: { chunkSeconds: 8 } } }

let house: SpawnedUp
let address: string
let browser: Browser

beforeAll(async () => {
  const folder = await tempFolder()
  await writeFile(`${folder}/profiles.json`, JSON.stringify(profile))
  const args = ['--data', folder, '--port', String(await freePort())]
  house = spawnUp({ args, env: { PROFILES_FILE: `${folder}/profiles.json` } })
  address = await house.up()
  browser = await launchChromium()
}, 120_000)

afterAll(async () => {
  await browser?.close()
  house?.kill('SIGTERM')
  await house?.ended
}, 60_000)

/** Every picture has its number in a bar code along the top edge, the lowest bit at the left. */
async function numberedFilm(): Promise<string> {
  const file = `${await tempFolder()}/numbered.mp4`
  const source = `r=${fps}:d=${seconds}`
  const bars = "geq=lum='if(mod(floor(N/pow(2,X)),2),235,16)':cb=128:cr=128,scale=640:40:flags=neighbor"
  await promisify(execFile)('ffmpeg', [
    ...['-nostdin', '-v', 'error', '-f', 'lavfi', '-i', `testsrc2=s=640x360:${source}`],
    ...['-f', 'lavfi', '-i', `color=s=16x1:${source},format=yuv444p,${bars}`],
    ...['-f', 'lavfi', '-i', `sine=f=440:r=48000:d=${seconds}`, '-filter_complex', '[0:v][1:v]overlay'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '18', '-pix_fmt', 'yuv420p', '-c:a', 'aac', file],
  ])
  return file
}

const frameSchema = z.object({ number: z.int(), at: z.number(), height: z.int() })
const watchedSchema = z.object({
  start: frameSchema.extend({ currentTime: z.number() }),
  status: z.string(),
  frames: z.array(frameSchema),
  stalls: z.array(z.object({ at: z.number(), ms: z.number(), buffered: z.number(), listed: z.number() })),
  switches: z.array(z.int()),
  faults: z.array(z.object({ details: z.string(), fatal: z.boolean() })),
  ranges: z.array(z.tuple([z.number(), z.number()])),
  ended: z.number(),
  live: z.boolean(),
})

async function openWatcher(): Promise<Page> {
  const page = await browser.newPage()
  await page.goto(address)
  await page.addScriptTag({ url: `${address}/console/hls.js` })
  await page.evaluate(await readFile(`${import.meta.dirname}/setup/watcher.js`, 'utf8'))
  return page
}

async function sendAndWaitUntilPlayable(file: string): Promise<{ asset: Asset; client: Sluice; hls: string }> {
  const client = new Sluice({ url: address, retries: 0 })
  const { id } = await client.uploadFile(await openAsBlob(file), { filename: 'numbered.mp4', profile: 'joins' })
  const asset = await waitUntil({
    what: 'an asset that can be played',
    timeoutMs: 60_000,
    ask: async () => {
      const found = await client.asset(id)
      return found.playable ? found : undefined
    },
  })
  return { asset, client, hls: asset.playback?.hls ?? '' }
}

test('a video plays from its first picture to its last while it is still being made: every picture, every join, up and down the qualities', {
  timeout: 180_000,
}, async () => {
  const page = await openWatcher()
  const { asset, client, hls } = await sendAndWaitUntilPlayable(await numberedFilm())
  // hls.js counts from the lowest quality.
  const levels = [
    { from: 0, level: 0 },
    { from: 3, level: 1 },
    { from: 16, level: 0 },
  ]
  const asked = JSON.stringify({ address: hls, id: asset.id, levels })
  const watched = watchedSchema.parse(await page.evaluate(`watch(${asked})`))

  expect(watched.status).toBe('processing')
  expect(watched.start).toMatchObject({ number: 0, currentTime: 0 })
  expect(watched.faults.filter(({ fatal }) => fatal)).toEqual([])
  const wrong = watched.frames.filter(({ number, at }) => Math.abs(at - number / fps) > 0.5 / fps)
  expect(wrong).toEqual([])
  const backwards = watched.frames.filter(({ number }, n) => number < (watched.frames[n - 1]?.number ?? 0))
  expect(backwards).toEqual([])
  expect(watched.frames.at(-1)?.number).toBe(seconds * fps - 1)
  // A viewer may be faster than the encoder, and a busy machine slow to fetch; what is there must play on at once.
  expect(watched.stalls.filter(({ ms, buffered }) => ms > 1_000 && buffered > 0.5)).toEqual([])
  // What is listed can be had, and a hole at a join is jumped over by players only with a complaint.
  const complaints = /^(frag|level|bufferAppend(ing)?Error|bufferSeekOverHole)/
  expect(watched.faults.filter(({ details }) => complaints.test(details))).toEqual([])

  const heights = watched.frames.map(({ height }) => height)
  expect(heights.filter((height, n) => height !== heights[n - 1])).toEqual([240, 360, 240])
  expect(watched.switches).toEqual([240, 360, 240])

  expect(watched.ended).toBeCloseTo(seconds, 0)
  expect(watched.live).toBe(false)
  expect(watched.ranges).toHaveLength(1)
  const around = joins.flatMap((join) => [join - 2, join - 1, join, join + 1])
  expect(await page.evaluate(`look(${JSON.stringify({ frames: around, fps })})`)).toEqual(around)

  const ready = await client.waitUntilReady(asset.id)
  expect(ready.playback?.hls).toBe(hls)
  for (const { name } of ready.renditions) {
    const list = await (await fetch(new URL(`${name}/playlist.m3u8`, hls))).text()
    expect(list).toContain('#EXT-X-PLAYLIST-TYPE:VOD')
    expect(list.trimEnd().endsWith('#EXT-X-ENDLIST')).toBe(true)
  }
  await page.close()
})
