import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { buildApp } from '../api/app.ts'
import type { Asset } from '../core/db/assets.ts'
import { freePort } from '../core/db/embedded/free-port.ts'
import { signedAddresses } from '../core/signed-addresses.ts'
import { generationPrefix } from '../core/storage/keys.ts'
import { atEnd } from './setup/at-end.ts'
import { launchChromium } from './setup/chromium.ts'
import { serveFolders } from './setup/folder-server.ts'
import { type TestHouse, testHouse } from './setup/house.ts'
import { type ShownFile, shownAsset } from './setup/shown-asset.ts'
import { tempFolder } from './setup/temp-folder.ts'

const patient = { timeout: 30_000, interval: 50 }
let house: TestHouse
let film: Asset
let browser: Browser
/** Pages come from here, and media from elsewhere. */
let elsewhere = ''

beforeAll(async () => {
  const port = await freePort()
  house = await testHouse({ env: { PUBLIC_URL: `http://127.0.0.1:${port}` } })
  const app = await buildApp(house)
  atEnd(() => app.close())
  await app.listen({ host: '127.0.0.1', port })
  film = await shownAsset(house, { kind: 'video', visibility: 'private' }, await filesBelow(await smallFilm()))
  const hls = path.resolve(import.meta.dirname, '../node_modules/hls.js/dist')
  elsewhere = await serveFolders({ hls })
  browser = await launchChromium()
})

afterAll(() => browser?.close())

/** Two qualities and one sound, eight seconds in segments of one, in the folders that ours have. */
async function smallFilm(): Promise<string> {
  const folder = await tempFolder()
  await promisify(execFile)('ffmpeg', [
    ...['-nostdin', '-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=25:d=8', '-f', 'lavfi', '-i', 'sine=d=8'],
    ...['-map', '0:v', '-map', '0:v', '-map', '1:a', '-s:v:0', '160x90', '-b:v:0', '80k', '-b:v:1', '300k'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-f', 'hls'],
    ...['-hls_time', '1', '-hls_playlist_type', 'vod', '-hls_segment_type', 'fmp4', '-master_pl_name', 'master.m3u8'],
    ...['-var_stream_map', 'v:0,agroup:s,name:90p v:1,agroup:s,name:180p a:0,agroup:s,default:yes,name:sound'],
    ...['-hls_segment_filename', `${folder}/hls/%v/%d.m4s`, `${folder}/hls/%v/playlist.m3u8`],
  ])
  return folder
}

async function filesBelow(folder: string): Promise<ShownFile[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true })
  const names = found.filter((file) => file.isFile()).map((file) => path.join(file.parentPath, file.name))
  return Promise.all(names.map(async (name) => ({ path: path.relative(folder, name), body: await readFile(name) })))
}

function addressOf(file: string, options: { inSeconds: number }): string {
  const expiresAt = new Date(Date.now() + options.inSeconds * 1000)
  return signedAddresses({ config: house.config, asset: film, expiresAt }).publicUrl(generationPrefix(film, 1) + file)
}

async function openPlayer(address: string): Promise<Page> {
  const page = await browser.newPage()
  onTestFinished(() => page.close())
  await page.goto(elsewhere)
  await page.addScriptTag({ url: `${elsewhere}/hls/hls.js` })
  await page.evaluate(`
    window.video = document.querySelector('video')
    window.faults = []
    window.loaded = []
    window.hls = new Hls({ startLevel: 0, maxBufferLength: 1 })
    hls.on(Hls.Events.ERROR, (_, { details, fatal, response }) => details === 'bufferStalledError' || details === 'aborted' || faults.push([details, fatal, response?.code]))
    hls.on(Hls.Events.FRAG_BUFFERED, (_, { frag }) => loaded.push(frag.type === 'main' ? frag.type + ' ' + frag.level : frag.type))
    // It stays at the first quality until it is told otherwise, however quick the machine is.
    hls.on(Hls.Events.MANIFEST_PARSED, () => { hls.loadLevel = 0 })
    hls.loadSource(${JSON.stringify(address)})
    hls.attachMedia(video)`)
  return page
}

test('a private film plays in hls.js on a page elsewhere, from its beginning to its end, up the qualities', async () => {
  const page = await openPlayer(addressOf('hls/master.m3u8', { inSeconds: 600 }))
  await page.evaluate('video.play()')
  await expect.poll(() => page.evaluate('video.videoHeight'), patient).toBe(90)
  await page.evaluate('hls.nextLevel = 1; video.playbackRate = 3')
  await expect.poll(() => page.evaluate('video.videoHeight'), patient).toBe(180)
  await expect.poll(() => page.evaluate('video.ended'), patient).toBe(true)
  expect(await page.evaluate('video.currentTime')).toBeCloseTo(8, 1)
  const loaded = (await page.evaluate('[...new Set(loaded)].sort()')) as string[]
  expect(loaded).toEqual(expect.arrayContaining(['audio', 'main 0', 'main 1']))
  expect(await page.evaluate('faults')).toEqual([])
})

test('once its address is over, the next segment of a film that plays is a 404', async () => {
  const master = addressOf('hls/master.m3u8', { inSeconds: 600 })
  const page = await openPlayer(master)
  await expect.poll(() => page.evaluate('[...new Set(loaded)].sort()'), patient).toEqual(['audio', 'main 0'])
  await page.evaluate('hls.stopLoad()')
  expect(await page.evaluate('faults')).toEqual([])
  const status = () =>
    page.evaluate(`fetch(${JSON.stringify(master)}, { cache: 'no-store' }).then((answer) => answer.status)`)
  expect(await status()).toBe(200)
  // The API lives in this process, and by its clock.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 601_000 })
  onTestFinished(() => void vi.useRealTimers())
  expect(await status()).toBe(404)
  await page.evaluate('hls.startLoad(6)')
  await expect.poll(() => page.evaluate('faults'), patient).toContainEqual(['fragLoadError', expect.anything(), 404])
})

test('a player that sends nothing of its own, as Safari’s does, finds everything by relative addresses', async () => {
  const run = (...args: string[]) => promisify(execFile)('ffmpeg', ['-nostdin', '-v', 'error', ...args])
  const master = addressOf('hls/master.m3u8', { inSeconds: 60 })
  // Every quality, every language, to the last picture.
  expect((await run('-i', master, '-map', '0:v', '-map', '0:a', '-f', 'null', '-')).stderr).toBe('')
  const unsigned = master.replace(/~[^/]+\//, '')
  await expect(run('-i', unsigned, '-f', 'null', '-')).rejects.toThrow(/404/)
})
