import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { appRoutes } from '@bull-board/api/dist/routes.js'
import type { HTTPMethods } from 'fastify'
import { beforeAll, describe, expect, it } from 'vitest'
import { acceptAsset } from '../core/accept.ts'
import { type KeyedApp, keyedApp } from './setup/app.ts'

const password = 'a password for the board'
const operator = { authorization: `Basic ${Buffer.from(`admin:${password}`).toString('base64')}` }
const at = '/admin/queues'

/** Every address below the board: its pages, its calls with something in place of each name, and its files. */
const routes = [appRoutes.entryPoint, ...appRoutes.api].flatMap(({ method, route }) =>
  [method].flat().flatMap((one) =>
    [route].flat().map((url) => ({
      method: one.toUpperCase() as HTTPMethods,
      url: at + url.replaceAll(/:\w+/g, (name) => (name === ':queueName' ? 'fetch' : 'x')),
    })),
  ),
)
const folder = path.join(
  path.dirname(createRequire(import.meta.url).resolve('@bull-board/ui/package.json')),
  'dist/static',
)
const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => `${at}/static/${path.relative(folder, path.join(entry.parentPath, entry.name))}`)

describe('Bull Board', () => {
  let keyed: KeyedApp
  beforeAll(async () => {
    keyed = await keyedApp({ ADMIN_PASSWORD: password, RATE_LIMIT_WRONG_KEYS: 'off' })
  })

  it('is closed to strangers on every route, its files and the way out of their folder too', async () => {
    const all = [
      ...routes,
      ...[...files, `${at}/static/..%2f..%2fpackage.json`].map((url) => ({
        method: 'GET' as const,
        url,
      })),
    ]
    expect(all.length).toBeGreaterThan(60)
    const open: string[] = []
    for (const { method, url } of all) {
      const answer = await keyed.app.inject({ method, url })
      if (answer.statusCode !== 401 || answer.json().code !== 'unauthorized')
        open.push(`${method} ${url}: ${answer.statusCode}`)
    }
    expect(open).toEqual([])
  })

  it('opens its page and its files for the operator, and nothing outside of them', async () => {
    const get = (url: string) => keyed.app.inject({ url, headers: operator })
    const page = await get(at)
    expect(page.statusCode).toBe(200)
    expect(page.headers['content-security-policy']).toMatch(/script-src 'self';/)
    expect(page.body).not.toMatch(/<script(?![^>]*(src=|application\/json))/)
    expect(page.body).not.toMatch(/(src|href)="?(https?:)?\/\//)
    expect((await get(files.find((file) => file.endsWith('.js')) ?? '')).statusCode).toBe(200)
    for (const url of ['..%2f..%2fpackage.json', '..%2findex.ejs', '%2e%2e/%2e%2e/package.json'])
      expect((await get(`${at}/static/${url}`)).statusCode, url).toBeGreaterThanOrEqual(400)
  })

  it('takes no order from a page of another site, though the browser sends the password along', async () => {
    const orders = routes.filter(({ method }) => method !== 'GET')
    expect(orders.length).toBeGreaterThan(20)
    for (const more of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }, { origin: 'null' }])
      for (const { method, url } of orders) {
        const answer = await keyed.app.inject({
          method,
          url,
          headers: { host: 'sluice.example', ...operator, ...more },
        })
        expect(`${method} ${url} ${answer.statusCode}`).toBe(`${method} ${url} 403`)
      }
  })

  it('shows where an address of a job leads, and not its signature', async () => {
    const source = { url: 'https://bucket.example/cat.mp4?X-Amz-Signature=CANARY' }
    await keyed.house.queue.queue('intake').add('ingest', { source })
    const { reminders } = await acceptAsset(keyed.house, { tenant: 'default', source: { type: 'url', ...source } })
    await keyed.house.sender.send(reminders)
    for (const queue of ['intake', 'fetch']) {
      const { body } = await keyed.app.inject({ url: `${at}/api/queues?activeQueue=${queue}`, headers: operator })
      expect(body).toContain('https://bucket.example/cat.mp4')
      expect(body).not.toContain('CANARY')
    }
  })

  it('leads an operator to an asset of ours, and nowhere that a job says', async () => {
    const queue = keyed.house.queue.queue('intake')
    const id = '019a0000-0000-7000-8000-000000000000'
    for (const asset of [
      { id, page: 'https://evil.example/' },
      { id: '../../x', page: '/#asset/../../x' },
    ]) {
      const job = await queue.add('ingest', { asset })
      const answer = await keyed.app.inject({ url: `${at}/api/queues/intake/${job.id}`, headers: operator })
      expect(answer.json().job).toMatchObject({ data: { asset }, externalUrl: { href: '/' } })
    }
  })

  it('retries, pauses and resumes, and takes no other order: jobs are reminders of rows', async () => {
    const queue = keyed.house.queue.queue('upkeep')
    const job = await queue.add('digest', { taskId: '019a0000-0000-7000-8000-000000000000' }, { delay: 3_600_000 })
    const call = (method: HTTPMethods, url: string, payload?: object) =>
      keyed.app.inject({ method, url: `${at}/api${url}`, headers: operator, ...(payload ? { payload } : {}) })
    const refused: string[] = []
    for (const { method, url } of routes) {
      const path = url.slice(`${at}/api`.length).replace('/fetch/', '/upkeep/').replace('/x', `/${job.id}`)
      if (method === 'GET' || /\/(pause|resume|retry)(\/x)?$/.test(url)) continue
      const answer = await call(method, path, { name: 'digest', data: {}, jobData: {}, delay: 0, concurrency: 1 })
      expect(`${method} ${path} ${answer.statusCode}`).toBe(`${method} ${path} 403`)
      expect(answer.json().message).toMatch(/cancel or delete their asset/)
      refused.push(path)
    }
    expect(refused.length).toBeGreaterThan(15)
    expect(await queue.getJobCounts('delayed', 'waiting', 'prioritized')).toMatchObject({ delayed: 1 })
    for (const order of ['pause', 'resume'])
      expect((await call('PUT', `/queues/upkeep/${order}`)).statusCode, order).toBe(200)
  })

  it('opens for a key of scope admin where browsers ask for a password, and for no other key', async () => {
    const by = async (scope: 'admin' | 'assets') => {
      const said = Buffer.from(`key:${await keyed.keyFor('ops', [scope])}`).toString('base64')
      return (await keyed.app.inject({ url: at, headers: { authorization: `Basic ${said}` } })).statusCode
    }
    expect([await by('admin'), await by('assets')]).toEqual([200, 403])
  })

  it('changes nothing where it may only look', async () => {
    const env = { ADMIN_PASSWORD: password, BOARD_READ_ONLY: 'on', SIGNING_SECRET: 'x'.repeat(32) }
    const looking = await keyedApp(env, keyed.house)
    const call = (method: HTTPMethods, url: string, payload?: object) =>
      looking.app.inject({ method, url: `${at}/api${url}`, headers: operator, ...(payload ? { payload } : {}) })
    const shown = await call('GET', '/queues')
    // By these its page draws no button.
    for (const queue of shown.json().queues) expect(queue).toMatchObject({ readOnlyMode: true, allowRetries: false })
    expect(shown.json().queues.length).toBeGreaterThan(7)
    for (const order of ['pause', 'resume', 'retry/failed'])
      expect((await call('PUT', `/queues/fetch/${order}`)).statusCode, order).toBe(405)
    expect((await call('POST', '/queues/fetch/add', { name: 'fetch', data: {} })).statusCode).toBe(403)
    expect((await call('PUT', '/queues/fetch/empty')).statusCode).toBe(403)
  })
})
