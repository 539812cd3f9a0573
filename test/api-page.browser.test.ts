import type { Browser } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { operations } from '../api/openapi/operations/all.ts'
import { keyedApp } from './setup/app.ts'
import { atEnd } from './setup/at-end.ts'
import { launchChromium } from './setup/chromium.ts'

let browser: Browser
let url: string
let key: string
beforeAll(async () => {
  const { app, keyFor } = await keyedApp()
  key = await keyFor('acme', ['assets'])
  url = await app.listen({ host: '127.0.0.1', port: 0 })
  browser = await launchChromium()
  atEnd(() => browser.close())
})

describe('/docs', () => {
  it('shows every call without a login, tries one with a key, asks no other host, and breaks none of its own rules', async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    const said: string[] = []
    const hosts = new Set<string>()
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && said.push(message.text()))
    page.on('pageerror', (error) => said.push(error.message))
    page.on('request', (request) => /^http/.test(request.url()) && hosts.add(new URL(request.url()).host))
    await page.goto(`${url}/docs`)
    await page.locator('.opblock').first().waitFor()
    expect(await page.locator('.opblock').count()).toBe(operations.length)

    await page.getByRole('button', { name: 'Authorize' }).first().click()
    await page.locator('.auth-container input').first().fill(key)
    await page.locator('.auth-container').getByRole('button', { name: 'Apply credentials' }).first().click()
    await page.locator('.modal-ux').getByRole('button', { name: 'Close' }).first().click()
    const list = page.locator('#operations-assets-listAssets')
    await list.locator('.opblock-summary-control').click()
    await list.getByRole('button', { name: 'Try it out' }).click()
    await list.getByRole('button', { name: 'Execute' }).click()
    await expect.poll(() => list.locator('.live-responses-table').textContent()).toContain('"nextCursor": null')
    expect(said).toEqual([])
    expect([...hosts]).toEqual([new URL(url).host])
  })
})
