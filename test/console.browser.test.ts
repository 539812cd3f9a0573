import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { freePort } from '../core/db/embedded/free-port.ts'
import { plainImage } from '../fixtures/images.ts'
import { makeClip } from '../fixtures/make.ts'
import { launchChromium } from './setup/chromium.ts'
import { type SpawnedUp, spawnUp } from './setup/spawned-up.ts'
import { tempFolder } from './setup/temp-folder.ts'

// The one name of the browser's world that code sent there needs.
declare const DataTransfer: new () => { items: { add(file: File): void } }

const patient = { timeout: 60_000, interval: 100 }
let house: SpawnedUp
let address: string
let browser: Browser

beforeAll(async () => {
  house = spawnUp({ args: ['--data', await tempFolder(), '--port', String(await freePort())] })
  address = await house.up()
  browser = await launchChromium()
})

afterAll(async () => {
  await browser?.close()
  house?.kill('SIGTERM')
  await house?.ended
})

/** The console in a tab of its own, and everything that went wrong in it. */
async function openConsole(at = address): Promise<{ page: Page; wrong: string[] }> {
  const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] })
  onTestFinished(() => context.close())
  const page = await context.newPage()
  const wrong: string[] = []
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && wrong.push(message.text()))
  page.on('pageerror', (error) => wrong.push(error.message))
  page.on('requestfailed', (request) => wrong.push(`${request.url()} ${request.failure()?.errorText}`))
  page.on('response', (answer) => answer.status() >= 400 && wrong.push(`${answer.status()} ${answer.url()}`))
  page.on('dialog', (dialog) => {
    wrong.push(`dialog: ${dialog.message()}`)
    return dialog.dismiss()
  })
  await page.goto(at)
  return { page, wrong }
}

async function drop(page: Page, file: { name: string; bytes: Buffer }): Promise<void> {
  const dataTransfer = await page.evaluateHandle(
    ({ name, base64 }) => {
      const transfer = new DataTransfer()
      transfer.items.add(new File([Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))], name))
      return transfer
    },
    { name: file.name, base64: file.bytes.toString('base64') },
  )
  await page.locator('#drop').dispatchEvent('drop', { dataTransfer })
}

const rowOf = (page: Page, name: string) => page.locator('#assets > li').filter({ hasText: name })
const stateOf = (page: Page, name: string) => rowOf(page, name).locator('.state').textContent({ timeout: 60_000 })

test('a video dropped on the page becomes ready before your eyes, and plays', async () => {
  const { page, wrong } = await openConsole()
  await page.getByText('Nothing here yet').waitFor()
  const bytes = await readFile(await makeClip({ name: 'tone5s', folder: await tempFolder() }))
  await drop(page, { name: 'holiday.mp4', bytes })
  await expect.poll(() => stateOf(page, 'holiday.mp4'), patient).toBe('Ready')
  expect(await page.getByText('Nothing here yet').isVisible()).toBe(false)
  expect(await rowOf(page, 'holiday.mp4').locator('.facts').textContent()).toContain('Video · 0:05 · 640 × 360')

  const play = page.getByRole('button', { name: 'Play holiday.mp4' })
  await play.focus()
  await page.keyboard.press('Enter')
  const video = page.locator('dialog video')
  await expect.poll(() => video.evaluate((one: { currentTime: number }) => one.currentTime), patient).toBeGreaterThan(1)
  expect(await video.evaluate((one: { videoWidth: number }) => one.videoWidth)).toBeGreaterThan(0)

  const playback = await page.getByLabel('Playback address').inputValue()
  await page.locator('dialog').getByRole('button', { name: 'Copy' }).click()
  await expect.poll(() => page.evaluate('navigator.clipboard.readText()')).toBe(playback)
  expect((await (await fetch(playback)).text()).startsWith('#EXTM3U')).toBe(true)
  expect(wrong).toEqual([])

  await page.keyboard.press('Escape')
  await video.waitFor({ state: 'detached' })
  expect(await play.evaluate('document.activeElement.getAttribute("aria-label")')).toBe('Play holiday.mp4')
})

test('a hostile file name is text, in the list and above the picture', async () => {
  const { page, wrong } = await openConsole()
  const name = '<img src=x onerror=alert(1)>.mp4'
  await drop(page, { name, bytes: await plainImage({ width: 64, height: 64, color: '#0a0', format: 'png' }) })
  await expect.poll(() => stateOf(page, name), patient).toBe('Ready')
  expect(await rowOf(page, name).locator('.name').textContent()).toBe(name)
  await page.getByRole('button', { name: `Show ${name}` }).click()
  expect(await page.getByRole('heading', { level: 2, name }).textContent()).toBe(name)
  await expect
    .poll(() => page.locator('dialog img').evaluate((one: { naturalWidth: number }) => one.naturalWidth), patient)
    .toBe(64)
  expect(await page.locator('img[src="x"]').count()).toBe(0)
  expect(wrong).toEqual([])
})

test('what is no media fails in its row, with the code and the reason', async () => {
  const { page, wrong } = await openConsole()
  await drop(page, { name: 'notes.mp4', bytes: Buffer.from('these are only words') })
  await expect.poll(() => stateOf(page, 'notes.mp4'), patient).toBe('Failed')
  expect(await rowOf(page, 'notes.mp4').locator('.problem').textContent()).toMatch(/^unsupported_container \w+/)
  expect(wrong).toEqual([])
})

test('an address that may not be fetched says why and stays to be corrected', async () => {
  const { page } = await openConsole()
  const field = page.getByLabel('Or paste an address to fetch')
  await field.fill('https://10.0.0.1/a.mp4')
  await page.getByRole('button', { name: 'Fetch' }).click()
  await expect.poll(() => page.getByRole('alert').textContent(), patient).toContain('url_not_allowed')
  expect(await field.inputValue()).toBe('https://10.0.0.1/a.mp4')
})

test('an upload shows how far it is, and cancelling it leaves nothing', async () => {
  const { page } = await openConsole()
  const cdp = await page.context().newCDPSession(page)
  const slow = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 200_000 }
  await cdp.send('Network.emulateNetworkConditions', slow)
  await drop(page, { name: 'endless.mp4', bytes: Buffer.alloc(4_000_000) })
  const row = page.locator('#uploads > li')
  await expect.poll(() => row.locator('.state').textContent(), patient).toMatch(/^Uploading [1-9]/)
  await page.getByRole('button', { name: 'Cancel: endless.mp4' }).click()
  await row.waitFor({ state: 'detached' })
  const listed = await (await fetch(`${address}/v1/assets`)).text()
  expect(listed).not.toContain('endless.mp4')
})

test('what others send appears by itself, all of it; a new visitor asks for what is older', async () => {
  const { page: watcher } = await openConsole()
  await watcher.locator('#assets > li').first().waitFor()
  for (let n = 0; n < 40; n += 1) {
    const body = new FormData()
    body.append('file', new Blob(['only words']), `burst-${n}.mp4`)
    expect((await fetch(`${address}/v1/assets`, { method: 'POST', body })).status).toBe(202)
  }
  const shown = (page: Page) => rowOf(page, 'burst-').count()
  await expect.poll(() => shown(watcher), patient).toBe(40)
  await expect
    .poll(() => watcher.locator('[data-status="failed"]').filter({ hasText: 'burst-' }).count(), patient)
    .toBe(40)

  const { page: visitor } = await openConsole()
  await expect.poll(() => shown(visitor), patient).toBe(25)
  await visitor.getByRole('button', { name: 'Show older' }).click()
  await expect.poll(() => shown(visitor), patient).toBe(40)
  await visitor.waitForResponse((answer) => answer.url().includes('/v1/assets'))
  expect(await shown(visitor)).toBe(40)
  const names = await rowOf(visitor, 'burst-').locator('.name').allTextContents()
  expect(names).toEqual(Array.from({ length: 40 }, (_, n) => `burst-${39 - n}.mp4`))
})

test('a house with keys asks for one, refuses a wrong one, and takes the right one', async () => {
  const data = await tempFolder()
  const keyed = spawnUp({ args: ['--data', data, '--port', String(await freePort())], env: { AUTH: 'keys' } })
  onTestFinished(async () => {
    keyed.kill('SIGTERM')
    await keyed.ended
  })
  const { page } = await openConsole(await keyed.up())
  const field = page.getByLabel('This house asks for an API key')
  await field.fill('sl_wrong')
  await field.press('Enter')
  await page.getByText('That key was refused').waitFor()
  await field.fill(await createKey(data))
  await field.press('Enter')
  await page.getByText('Nothing here yet').waitFor()
  expect(await field.isVisible()).toBe(false)
})

async function createKey(data: string): Promise<string> {
  const args = ['keys', 'create', '--tenant', 'test', '--data', data, '--json']
  const { stdout } = await promisify(execFile)(process.execPath, ['cli/main.ts', ...args])
  const made: unknown = JSON.parse(stdout)
  return made !== null && typeof made === 'object' && 'key' in made ? String(made.key) : ''
}
