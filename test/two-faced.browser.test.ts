import { createServer } from 'node:http'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildApp } from '../api/app.ts'
import { freePort } from '../core/db/embedded/free-port.ts'
import { tellingPage, twoFacedFiles } from '../fixtures/two-faced.ts'
import { listenLocally } from '../scripts/servers/listen.ts'
import { atEnd } from './setup/at-end.ts'
import { launchChromium } from './setup/chromium.ts'
import { testHouse } from './setup/house.ts'
import { shownAsset } from './setup/shown-asset.ts'

let browser: Browser
let stranger: Awaited<ReturnType<typeof strangersPage>>
const originals: string[] = []

/** A page of a stranger who tries every way to run a file, with a server that hears when one ran. */
async function strangersPage() {
  const heard: string[] = []
  let tries: string[] = []
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://stranger')
    if (url.pathname === '/ran') heard.push(url.search)
    const body =
      url.pathname === '/page'
        ? tellingPage('/ran?itself')
        : url.pathname === '/tries'
          ? tries.map(everyWay).join('')
          : ''
    response.setHeader('content-type', 'text/html').end(`<!doctype html>${body}<p id=done>`)
  })
  const port = await listenLocally(server)
  atEnd(async () => void server.close().closeAllConnections())
  const show = (urls: string[]) => {
    tries = urls
  }
  return { heard, show, url: `http://127.0.0.1:${port}` }
}

/** By each door through which a browser takes code, whatever type is claimed there. */
const everyWay = (url: string) => `
  <iframe src="${url}"></iframe><iframe src="${url}" sandbox="allow-scripts"></iframe>
  <object data="${url}" type="text/html"></object><embed src="${url}" type="text/html">
  <object data="${url}" type="application/pdf"></object>
  <script src="${url}"></script><script src="${url}" type="text/javascript" charset="utf-16"></script>
  <script type="module" src="${url}"></script><link rel="stylesheet" href="${url}">
  <script>
    for (const start of [() => new Worker('${url}'), () => import('${url}'), () => navigator.serviceWorker?.register('${url}')])
      try { start()?.catch?.(() => {}) } catch {}
  </script>`

beforeAll(async () => {
  const port = await freePort()
  const house = await testHouse({ env: { PUBLIC_URL: `http://127.0.0.1:${port}` } })
  const app = await buildApp(house)
  atEnd(() => app.close())
  await app.listen({ host: '127.0.0.1', port })
  stranger = await strangersPage()
  const files = await twoFacedFiles({ beacon: `${stranger.url}/ran?file` })
  for (const { bytes, extension } of files) {
    const asset = await shownAsset(house, { kind: 'image' }, [{ path: `images/original.${extension}`, body: bytes }])
    originals.push(house.storage.publicUrl(`${asset.tenant}/${asset.id}/g1/images/original.${extension}`))
  }
  browser = await launchChromium()
})
afterAll(() => browser?.close())

test('no browser runs anything of a file with two faces: opened by itself, framed, embedded, or asked for as code', async () => {
  const page = await browser.newPage()
  // Whoever listens does hear: the same page, served as a page.
  await page.goto(`${stranger.url}/page`, { waitUntil: 'networkidle' })
  expect(stranger.heard.splice(0)).toContain('?itself')

  for (const url of originals) {
    await page.goto(url, { waitUntil: 'load' })
    expect(await page.evaluate('document.contentType')).toMatch(/^(image|audio|video)\//)
  }
  stranger.show(originals)
  await page.goto(`${stranger.url}/tries`, { waitUntil: 'networkidle' })
  await page.waitForSelector('#done', { state: 'attached' })
  expect(stranger.heard).toEqual([])
})
