import { createHash, randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { Sluice } from '../client/index.ts'
import { keyedApp } from './setup/app.ts'
import { atEnd } from './setup/at-end.ts'
import { launchChromium } from './setup/chromium.ts'
import { tempFolder } from './setup/temp-folder.ts'

const example = fileURLToPath(new URL('../docs/examples/page.html', import.meta.url))
const tusClient = createRequire(import.meta.url).resolve('tus-js-client/dist/tus.min.js')

it('the example of a page uploads with a token, is paused, closed, and goes on where it was', async () => {
  const { app, house, keyFor } = await keyedApp()
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const backend = new Sluice({ url, key: await keyFor('acme', ['uploads', 'assets']) })
  const browser = await launchChromium()
  atEnd(() => browser.close())
  const bytes = randomBytes(4 * 2 ** 20 + 7)
  const path = `${await tempFolder()}/film.mp4`
  await writeFile(path, bytes)
  const page = await browser.newPage()
  await asBackend(page)

  const held = await holdThirdPatch(page)
  await page.goto(`${url}/page`)
  await page.locator('input').setInputFiles(path)
  await held.reached
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.getByRole('button', { name: 'Go on' }).waitFor()
  held.release()
  await page.reload()
  await page.locator('input').setInputFiles(path)
  await expect.poll(() => page.locator('output').textContent()).toMatch(/^done /)

  const id = (await page.locator('output').textContent())?.slice(5) ?? ''
  const asset = await backend.asset(id)
  expect(asset).toMatchObject({ status: 'queued', metadata: { user: 'ada' }, source: { filename: 'film.mp4' } })
  // Neither sent twice nor begun anew.
  expect(held.offsets()).toEqual([0, 1, 2, 2, 3, 4].map((n) => n * 2 ** 20))
  const row = await house.db.selectFrom('assets').select('source_sha256').where('id', '=', id).executeTakeFirstOrThrow()
  if (row.source_sha256 !== null) expect(row.source_sha256).toBe(createHash('sha256').update(bytes).digest('hex'))

  /** What a backend of one's own does for its page. */
  async function asBackend(shown: Page) {
    await shown.route('**/page', async (route) =>
      route.fulfill({ contentType: 'text/html', body: await readFile(example, 'utf8') }),
    )
    await shown.route('**/tus.min.js', async (route) =>
      route.fulfill({ contentType: 'text/javascript', body: await readFile(tusClient, 'utf8') }),
    )
    await shown.route('**/upload-token', async (route) =>
      route.fulfill({ json: await backend.createUploadToken({ metadata: { user: 'ada' } }) }),
    )
  }
})

/** The third piece waits to be let go, so that there is a middle to be paused in. */
async function holdThirdPatch(page: Page) {
  const offsets: number[] = []
  const reached = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  await page.route('**/v1/tus/*', async (route) => {
    const request = route.request()
    if (request.method() !== 'PATCH') return route.continue()
    offsets.push(Number(request.headers()['upload-offset']))
    if (offsets.length !== 3) return route.continue()
    reached.resolve()
    await gate.promise
    await route.abort().catch(() => undefined)
  })
  return { reached: reached.promise, release: gate.resolve, offsets: () => offsets }
}
