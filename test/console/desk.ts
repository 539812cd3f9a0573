import type { Browser, BrowserContextOptions, CDPSession, Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { freePort } from '../../core/db/embedded/free-port.ts'
import { launchChromium } from '../setup/chromium.ts'
import { type SpawnedUp, spawnUp } from '../setup/spawned-up.ts'
import { tempFolder } from '../setup/temp-folder.ts'

// The one name of the browser's world that code sent there needs.
declare const DataTransfer: new () => { items: { add(file: File): void } }

/** A busy machine has its time. */
export const patient = { timeout: 60_000, interval: 100 }

/** A house of its own and one browser, for all tests of the console. */
export type Desk = { address: string; open: Open; close(): Promise<void> }
type Open = (options?: BrowserContextOptions & { at?: string }) => Promise<Tab>
/** The console in a tab, and everything that went wrong in it. */
export type Tab = { page: Page; wrong: string[] }

export async function consoleDesk(): Promise<Desk> {
  const house = spawnUp({ args: ['--data', await tempFolder(), '--port', String(await freePort())] })
  const [address, browser] = await Promise.all([house.up(), launchChromium()])
  return {
    address,
    open: ({ at = address, ...options } = {}) => openConsole(browser, { at, options }),
    close: () => closeAll(browser, house),
  }
}

async function closeAll(browser: Browser, house: SpawnedUp): Promise<void> {
  await browser.close()
  house.kill('SIGTERM')
  await house.ended
}

async function openConsole(
  browser: Browser,
  { at, options }: { at: string; options: BrowserContextOptions },
): Promise<Tab> {
  const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'], ...options })
  onTestFinished(() => context.close())
  const page = await context.newPage()
  const wrong: string[] = []
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && wrong.push(message.text()))
  page.on('pageerror', (error) => wrong.push(error.message))
  page.on('response', (answer) => answer.status() >= 400 && wrong.push(`${answer.status()} ${answer.url()}`))
  page.on('dialog', (dialog) => {
    wrong.push(`dialog: ${dialog.message()}`)
    return dialog.dismiss()
  })
  await page.goto(at)
  return { page, wrong }
}

/** A drop as the page sees one. */
export async function drop(page: Page, file: { name: string; bytes: Buffer }): Promise<void> {
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

export const rowOf = (page: Page, name: string) => page.locator('#assets > li').filter({ hasText: name })
export const stateOf = (page: Page, name: string) =>
  rowOf(page, name).locator('.state').textContent({ timeout: 60_000 })

/** A line out of the house of so many bytes in a second. */
export async function slowLine(page: Page, bytesPerSecond: number): Promise<CDPSession> {
  const cdp = await page.context().newCDPSession(page)
  const slow = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: bytesPerSecond }
  await cdp.send('Network.emulateNetworkConditions', slow)
  return cdp
}

/** A file that is no media, handed in by another client. */
export async function sendWords(address: string, name: string): Promise<string> {
  const body = new FormData()
  body.append('file', new Blob(['only words']), name)
  const answer = await fetch(`${address}/v1/assets`, { method: 'POST', body })
  if (answer.status !== 202) throw new Error(`${name}: ${answer.status}`)
  const { id }: { id: string } = JSON.parse(await answer.text())
  return id
}
