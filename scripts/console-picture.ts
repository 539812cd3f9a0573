import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { chromium, type Page } from 'playwright-core'
import { freePort } from '../core/db/embedded/free-port.ts'
import { waitUntil } from '../core/db/embedded/wait-until.ts'
import { findBrowser } from './servers/find-browser.ts'

/** `node scripts/console-picture.ts`: `docs/console.png`, of a house of its own at work. */
const target = fileURLToPath(new URL('../docs/console.png', import.meta.url))
const folder = await mkdtemp(path.join(tmpdir(), 'console-picture-'))
const inFolder = (name: string) => path.join(folder, name)
const patienceMs = 600_000

async function generate(name: string, args: string): Promise<string> {
  await promisify(execFile)('ffmpeg', ['-v', 'error', '-y', ...args.split(' '), inFolder(name)])
  return inFolder(name)
}

/** What a day brings: a film that will be under way, a clip, a picture, a sound, and something else. */
async function media() {
  const quick = '-c:v libx264 -preset ultrafast -crf 30'
  await writeFile(inFolder('notes.pdf'), 'only words')
  return {
    early: [
      inFolder('notes.pdf'),
      await generate('tone.mp3', '-f lavfi -i sine=f=220:d=184 -c:a libmp3lame -b:a 64k'),
      await generate('sunset.jpg', '-f lavfi -i gradients=s=1600x1066:c0=0xe86a5c:c1=0x1c1b3a -frames:v 1'),
      await generate(
        'dunes.mp4',
        `-f lavfi -i gradients=s=640x360:r=25:c0=0x0a2540:c1=0xf3c98b:speed=0.02 -t 6 ${quick}`,
      ),
    ],
    film: await generate(
      'spiral.mp4',
      `-f lavfi -i mandelbrot=s=640x360:r=12:end_scale=0.02:end_pts=300 -t 40 ${quick}`,
    ),
    coming: await generate('coast.mov', `-f lavfi -i testsrc2=s=1280x720 -t 20 ${quick}`),
  }
}

/** The moment: a film that plays already while it is made, and an upload half-way. */
async function take(page: Page): Promise<void> {
  const { early, film, coming } = await media()
  const rows = (status: string) => page.locator(`#assets > li[data-status="${status}"]`)
  page.setDefaultTimeout(patienceMs)
  await page.locator('#files').setInputFiles(early)
  await rows('ready').nth(1).waitFor()
  await page.locator('#files').setInputFiles(film)
  await rows('processing').and(page.locator('.showable')).locator('.pictured').waitFor()
  const cdp = await page.context().newCDPSession(page)
  const slow = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 500_000 }
  await cdp.send('Network.emulateNetworkConditions', slow)
  await page.locator('#files').setInputFiles(coming)
  await page
    .locator('#uploads .state')
    .filter({ hasText: /[2-6]\d %/ })
    .waitFor()
  await page.screenshot({ path: target, fullPage: true })
}

const executablePath = findBrowser()
if (executablePath === undefined) throw new Error('Chromium is not installed; try: apt-get install chromium')
const port = await freePort()
const main = fileURLToPath(new URL('../cli/sluice.js', import.meta.url))
const args = [main, 'up', '--data', inFolder('data'), '--port', String(port)]
const up = spawn(process.execPath, args, { stdio: 'ignore' })
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
try {
  const url = `http://127.0.0.1:${port}`
  const ask = () =>
    fetch(`${url}/ready`).then(
      (answer) => (answer.ok ? true : undefined),
      () => undefined,
    )
  await waitUntil({ what: url, timeoutMs: patienceMs, ask })
  const page = await browser.newPage({ viewport: { width: 1120, height: 800 } })
  await page.goto(url)
  await take(page)
} finally {
  await browser.close()
  up.kill('SIGTERM')
  if (up.exitCode === null) await once(up, 'exit')
  await rm(folder, { recursive: true, force: true })
}
process.stdout.write('docs/console.png is as the console is now\n')
