import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { jobId } from '../queues/jobs.ts'
import { type KeyedApp, keyedApp } from './setup/app.ts'
import { launchChromium } from './setup/chromium.ts'
import { waitingAsset } from './setup/house.ts'

const password = 'a password for the board'
const markup = '</code></script><img src=x onerror="document.title=\'CANARY\'"><script>document.title="CANARY"</script>'

let keyed: KeyedApp
let browser: Browser
let address: string
beforeAll(async () => {
  keyed = await keyedApp({ ADMIN_PASSWORD: password })
  address = await keyed.app.listen({ host: '127.0.0.1', port: 0 })
  browser = await launchChromium()
})
afterAll(() => browser?.close())

test('what a stranger wrote into a job is text on Bull Board, wherever it is shown', async () => {
  const queue = keyed.house.queue.queue('intake')
  const job = await queue.add(markup, { source: { url: markup }, [markup]: [markup] })
  const context = await browser.newContext({ httpCredentials: { username: 'admin', password } })
  const page = await context.newPage()
  const broken: string[] = []
  page.on('pageerror', (error) => broken.push(error.message))
  for (const way of ['/queue/intake', `/queue/intake/${job.id}`]) {
    await page.goto(`${address}/admin/queues${way}`)
    await page.getByText('onerror').first().waitFor()
    // Its own code is needed to show this much, so the policy lets that run; of the job's nothing did.
    expect(await page.title()).not.toContain('CANARY')
    expect(await page.locator('img[src=x]').count()).toBe(0)
  }
  expect(broken).toEqual([])
  await context.close()
})

test('where it may only look, the board draws no button that would change something', async () => {
  const job = await keyed.house.queue.queue('intake').add('ingest', { source: { url: 'https://example.com/' } })
  const looking = await keyedApp({ ADMIN_PASSWORD: password, BOARD_READ_ONLY: 'on' }, keyed.house)
  const only = await looking.app.listen({ host: '127.0.0.1', port: 0 })
  const context = await browser.newContext({ httpCredentials: { username: 'admin', password } })
  const page = await context.newPage()
  // Pictures without a name: what may be done to the job.
  const changing = page.locator('main li').getByRole('button')
  await page.goto(`${address}/admin/queues/queue/intake/${job.id}`)
  await changing.first().waitFor()
  await page.goto(`${only}/admin/queues/queue/intake/${job.id}`)
  await page.getByText('https://example.com/').first().waitFor()
  expect(await changing.count()).toBe(0)
  await context.close()
})

test('a failed job says what failed, of which file and why; a file’s name is text there, too', async () => {
  const { house } = keyed
  const filename = '</code><img src=x onerror="document.title=\'CANARY\'">.mp4'
  const { asset, taskId, reminder } = await waitingAsset(house)
  await house.db.updateTable('assets').set({ source_filename: filename }).where('id', '=', asset.id).execute()
  const error = { code: 'source_expired', message: 'The address has expired.', at: new Date().toISOString() }
  const failed = { status: 'failed' as const, error: JSON.stringify(error), attempt: 1 }
  await house.db.updateTable('tasks').set(failed).where('id', '=', taskId).execute()
  await house.sender.send([reminder])
  const context = await browser.newContext({ httpCredentials: { username: 'admin', password } })
  const page = await context.newPage()
  const broken: string[] = []
  page.on('pageerror', (wrong) => broken.push(wrong.message))
  page.on('console', (line) => line.type() === 'error' && broken.push(line.text()))
  for (const way of ['/queue/fetch', `/queue/fetch/${jobId(reminder)}`]) {
    await page.goto(`${address}/admin/queues${way}`)
    await page.getByText('fetch the address · </code><img').first().waitFor()
    await page.getByText('source_expired').first().waitFor()
    expect(await page.getByRole('link', { name: 'Asset' }).first().getAttribute('href')).toBe(`/#asset/${asset.id}`)
    expect(await page.title()).not.toContain('CANARY')
    expect(await page.locator('img[src=x]').count()).toBe(0)
  }
  expect(broken).toEqual([])
  await context.close()
})
