import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { Track } from '../core/media/hls-facts.ts'
import { playlistFiles } from '../core/media/playlists.ts'
import { makeClip } from '../fixtures/make.ts'
import { openVideoBench, type Produced } from '../fixtures/video-bench.ts'
import { launchChromium } from './setup/chromium.ts'
import { serveFolders } from './setup/folder-server.ts'

const patient = { timeout: 30_000, interval: 50 }
let bench: Awaited<ReturnType<typeof openVideoBench>>
let produced: Produced
let browser: Browser
let address = ''

beforeAll(async () => {
  bench = await openVideoBench()
  produced = await bench.produce({ source: await makeClip({ name: 'languages', folder: bench.root }) })
  const modules = path.resolve(import.meta.dirname, '../node_modules')
  address = await serveFolders({
    media: produced.folder,
    hls: path.join(modules, 'hls.js/dist'),
    shaka: path.join(modules, 'shaka-player/dist'),
  })
  browser = await launchChromium()
})

afterAll(async () => {
  await browser?.close()
  await bench?.close()
})

/** A page with an empty player, and everything that went wrong in it. */
async function openPlayer(script: string): Promise<{ page: Page; wrong: string[] }> {
  const page = await browser.newPage()
  onTestFinished(() => page.close())
  const wrong: string[] = []
  page.on('pageerror', (error) => wrong.push(error.message))
  page.on(
    'response',
    (answer) => answer.status() >= 400 && !answer.url().endsWith('favicon.ico') && wrong.push(answer.url()),
  )
  await page.goto(address)
  await page.addScriptTag({ url: `${address}/${script}` })
  await page.evaluate('window.video = document.querySelector("video"); window.shown = []; window.faults = []')
  return { page, wrong }
}

/** Notes when each word comes up. */
const watchCues = `for (const track of video.textTracks) track.oncuechange = () => {
  for (const cue of track.activeCues) shown.push({ text: cue.text, at: video.currentTime, from: cue.startTime, to: cue.endTime })
}`

const five = { text: expect.stringContaining('Five'), from: expect.closeTo(5, 1), to: expect.closeTo(6.5, 1) }

test('DASH in Shaka: from 0 to the end, in the language wished for, in another quality, and with its words at their time', async () => {
  const { page, wrong } = await openPlayer('shaka/shaka-player.compiled.debug.js')
  await page.evaluate(`(async () => {
    window.player = new shaka.Player()
    await player.attach(video)
    player.addEventListener('error', (event) => faults.push(event.detail.code))
    player.configure({ abr: { enabled: false }, preferredAudio: [{ language: 'de' }] })
    await player.load('/media/hls/manifest.mpd')
  })()`)
  expect(await page.evaluate('[video.currentTime, video.duration]')).toEqual([0, 9])
  const roles =
    '[...new Set(player.getVariantTracks().map((one) => [one.language, ...one.audioRoles].join(" ")))].sort()'
  expect(await page.evaluate(roles)).toEqual(['de main', 'en alternate'])
  // Language and quality are not changed at once: Shaka 5.2 can stand still for ever over that, with any manifest.
  expect(await page.evaluate('player.getVariantTracks().find((one) => one.active).language')).toBe('de')
  await page.evaluate('video.play()')
  await expect.poll(() => page.evaluate('video.currentTime'), patient).toBeGreaterThan(0.3)
  for (const [height, width] of [
    [240, 426],
    [360, 640],
  ]) {
    await page.evaluate(
      `player.selectVariantTrack(player.getVariantTracks().find((one) => one.height === ${height} && one.language === 'de'), true)`,
    )
    await expect.poll(() => page.evaluate('video.videoWidth'), patient).toBe(width)
  }
  await page.evaluate(`(async () => {
    video.currentTime = 0
    await player.selectTextTrack(player.getTextTracks().find((one) => one.language === 'en'))
    ${watchCues}
    video.playbackRate = 3
  })()`)
  await expect.poll(() => page.evaluate('video.ended'), patient).toBe(true)
  expect(await page.evaluate('shown')).toContainEqual(expect.objectContaining(five))
  expect(await page.evaluate('video.currentTime')).toBeCloseTo(9, 1)
  expect([wrong, await page.evaluate('faults')]).toEqual([[], []])
})

test('HLS in hls.js while it grows: words and languages are there from the start, and right until the end', async () => {
  await writeLists(
    'event',
    produced.tracks.map((track) => ({ ...track, segments: track.segments.slice(0, 1) })),
  )
  const { page, wrong } = await openPlayer('hls/hls.js')
  await page.evaluate(`(async () => {
    window.hls = new Hls()
    hls.on(Hls.Events.ERROR, (_, fault) => fault.details !== 'bufferStalledError' && faults.push(fault.details))
    hls.loadSource('/media/hls/master.m3u8')
    hls.attachMedia(video)
    await new Promise((resolve) => hls.once(Hls.Events.SUBTITLE_TRACKS_UPDATED, resolve))
    hls.subtitleTrack = hls.subtitleTracks.findIndex((one) => one.lang === 'en')
    ${watchCues}
    await video.play()
  })()`)
  expect(await page.evaluate('hls.audioTracks.map((one) => [one.lang, one.default])')).toEqual([
    ['en', false],
    ['de', true],
  ])
  await expect.poll(() => page.evaluate('hls.audioTracks[hls.audioTrack]?.lang'), patient).toBe('de')
  const cues = '[...video.textTracks].flatMap((track) => [...(track.cues ?? [])]).map((cue) => cue.startTime)'
  await expect.poll(() => page.evaluate(cues), patient).toContainEqual(expect.closeTo(5, 1))
  expect(await page.evaluate('video.buffered.end(0)')).toBeLessThan(4.1)

  await writeLists('vod', produced.tracks)
  await page.evaluate(`video.playbackRate = 3; ${watchCues}`)
  await expect.poll(() => page.evaluate('video.ended'), patient).toBe(true)
  expect(await page.evaluate('shown')).toContainEqual(expect.objectContaining(five))
  expect([wrong, await page.evaluate('faults')]).toEqual([[], []])
})

test('a viewer who comes late to a growing video begins at its beginning, not where it grows', async () => {
  await writeLists('event', produced.tracks)
  const { page, wrong } = await openPlayer('hls/hls.js')
  // By default three segments are kept back, which are all that this video has.
  const from = await page.evaluate(`(async () => {
    const hls = new Hls({ liveSyncDurationCount: 1 })
    hls.loadSource('/media/hls/master.m3u8')
    hls.attachMedia(video)
    video.play()
    await new Promise((resolve) => video.addEventListener('playing', resolve))
    return video.currentTime
  })()`)
  expect(from).toBeLessThan(1)
  expect(wrong).toEqual([])
})

async function writeLists(state: 'event' | 'vod', tracks: Track[]): Promise<void> {
  const { plan, texts, folder } = produced
  for (const { key, text } of playlistFiles({ plan, tracks, texts, state }))
    await writeFile(path.join(folder, key), text)
}
