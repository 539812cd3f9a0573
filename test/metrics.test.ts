import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { get, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../core/config.ts'
import { freePort } from '../core/db/embedded/free-port.ts'
import { countQueues } from '../core/db/queue-counts.ts'
import { meterProcess, openRegistry } from '../core/metrics/registry.ts'
import { plainImage } from '../fixtures/images.ts'
import { allMetrics } from '../scripts/docs/metrics-table.ts'
import { listenForScrapes } from '../workers/metrics-listener.ts'
import { runTask } from '../workers/run-task.ts'
import { bearer, type KeyedApp, keyedApp, type TestApp } from './setup/app.ts'
import { atEnd } from './setup/at-end.ts'
import { onlyHandlers, type TestHouse, waitingAsset } from './setup/house.ts'
import { runThrough } from './setup/run-through.ts'
import { tempFolder } from './setup/temp-folder.ts'

const closing = new AbortController().signal

/** The value of a sample, by its name and labels as they are written. */
const sample = (text: string, name: string) => {
  const line = text.split('\n').find((one) => one.startsWith(`${name} `))
  return line === undefined ? undefined : Number(line.slice(name.length + 1))
}
const here = { host: 'localhost' }

describe('what is measured', () => {
  let house: TestHouse
  let app: TestApp
  beforeAll(async () => {
    const keyed = await keyedApp({ AUTH: 'none' })
    house = keyed.house
    app = keyed.app
  })
  const scrape = async () => (await app.inject({ url: '/metrics', headers: here })).body

  it('follows a picture from its bytes to ready', async () => {
    const file = join(await tempFolder(), 'a.png')
    await writeFile(file, await plainImage({ width: 64, height: 48, color: 'teal', format: 'png' }))
    await runThrough(house, file)
    const text = await scrape()
    expect(sample(text, 'sluice_asset_playable_seconds_count{kind="image"}')).toBe(1)
    expect(sample(text, 'sluice_asset_ready_seconds_count{kind="image"}')).toBe(1)
    expect(sample(text, 'sluice_asset_ready_seconds_sum{kind="image"}')).toBeGreaterThan(0)
    expect(sample(text, 'sluice_task_duration_seconds_count{kind="variants",end="done"}')).toBe(1)
    expect(sample(text, 'sluice_task_wait_seconds_count{queue="image"}')).toBe(1)
    expect(sample(text, 'sluice_tasks_running{queue="image"}')).toBe(0)
    expect(sample(text, 'sluice_storage_written_bytes_total')).toBeGreaterThan(100)
    expect(sample(text, 'sluice_storage_operation_duration_seconds_count{operation="put"}')).toBeGreaterThan(3)
  })

  it('counts what failed by its code and its fate', async () => {
    const { taskId } = await waitingAsset(house)
    const fetch = async () => Promise.reject(new Error('nobody foresaw this'))
    await runTask({ house, taskId, handlers: onlyHandlers({ fetch }), closing })
    const text = await scrape()
    expect(sample(text, 'sluice_task_failures_total{kind="fetch",code="internal",fate="again"}')).toBe(1)
    expect(sample(text, 'sluice_task_duration_seconds_count{kind="fetch",end="again"}')).toBe(1)
  })

  it('counts a run that lost its task', async () => {
    const { taskId, asset } = await waitingAsset(house)
    const steal = { attempt: 7 }
    const fetch = async () => {
      await house.db.updateTable('tasks').set(steal).where('id', '=', taskId).execute()
      return { result: null }
    }
    expect(await runTask({ house, taskId, handlers: onlyHandlers({ fetch }), closing })).toEqual({ end: 'superseded' })
    expect(sample(await scrape(), 'sluice_task_leases_lost_total{kind="fetch"}')).toBe(1)
    await house.db.deleteFrom('assets').where('id', '=', asset.id).execute()
  })

  it('says how many tasks wait in each queue, how many rest, and for how long the first has been due', async () => {
    await Promise.all(['a', 'b', 'c'].map((name) => waitingAsset(house, name)))
    const { taskId } = await waitingAsset(house, 'due for long')
    const ago = new Date(Date.now() - 3_600_000)
    await house.db.updateTable('tasks').set({ run_after: ago }).where('id', '=', taskId).execute()
    await countQueues(house.db)
    // The failed one of above is not due yet, or has just become so: all five wait in one way or the other.
    await expect
      .poll(async () => {
        const text = await scrape()
        const [due, rest] = ['waiting', 'resting'].map((how) =>
          sample(text, `sluice_queue_tasks_${how}{queue="fetch"}`),
        )
        return (due ?? 0) + (rest ?? 0)
      })
      .toBe(5)
    const text = await scrape()
    expect(sample(text, 'sluice_queue_oldest_task_age_seconds{queue="fetch"}')).toBeGreaterThan(3_599)
    expect(sample(text, 'sluice_queue_oldest_task_age_seconds{queue="video"}')).toBe(0)
    expect(sample(text, 'sluice_component_up{component="database"}')).toBe(1)
    expect(sample(text, 'sluice_tasks_poisoned')).toBe(0)
  })

  it('names routes by their pattern: no id, no address and nothing else that a caller chose is a label', async () => {
    const chosen = ['0197c0de-0000-7000-8000-000000000000', 'tell-me-all', 'secret-name']
    await app.inject({ url: `/v1/assets/${chosen[0]}`, headers: here })
    await app.inject({ url: `/${chosen[1]}/x`, headers: here })
    await app.inject({ url: `/media/default/${chosen[0]}/g1/${chosen[2]}.jpg?sig=${chosen[1]}`, headers: here })
    const text = await scrape()
    expect(text).toContain('route="/v1/assets/:id",status="404"')
    expect(text).toContain('route="none",status="404"')
    for (const word of chosen) expect(text).not.toContain(word)
  })

  it('names tasks by their kind, whichever piece they are and whoever wrote them', async () => {
    for (const key of ['encode:4711', 'tell-me-all:4711']) house.meters.tasks.begun({ key, queue: 'video' }, 0)('done')
    const text = await scrape()
    for (const kind of ['encode', 'unknown'])
      expect(sample(text, `sluice_task_duration_seconds_count{kind="${kind}",end="done"}`)).toBe(1)
    expect(text).not.toMatch(/="[^"]*4711|tell-me-all:/)
  })

  it('is given while the database is away, which it says; of the rows it says nothing then', async () => {
    expect(await scrape()).toMatch(/^sluice_workers_alive \d/m)
    const db = new Proxy(house.db, {
      get: () => () => {
        throw new Error('connect ECONNREFUSED')
      },
    })
    const away = await keyedApp({ AUTH: 'none' }, { ...house, db })
    const text = (await away.app.inject({ url: '/metrics', headers: here })).body
    expect(sample(text, 'sluice_component_up{component="database"}')).toBe(0)
    expect(text).not.toMatch(/^sluice_(queue|tasks_poisoned|workers_alive)\S* \d/m)
  })
})

describe('/metrics is not for strangers', () => {
  let keyed: KeyedApp
  beforeAll(async () => {
    keyed = await keyedApp()
  })
  const statusOf = async (app: TestApp, headers = {}) => (await app.inject({ url: '/metrics', headers })).statusCode

  it('with keys it wants one of scope admin', async () => {
    expect(await statusOf(keyed.app)).toBe(401)
    expect(await statusOf(keyed.app, bearer(await keyed.keyFor('acme', ['assets'])))).toBe(403)
    expect(await statusOf(keyed.app, bearer(await keyed.keyFor('acme', ['admin'])))).toBe(200)
  })

  it('with METRICS_TOKEN it wants that, without keys too; who guesses is told to wait', async () => {
    for (const AUTH of ['keys', 'none']) {
      const env = { AUTH, METRICS_TOKEN: 'let-me-look', RATE_LIMIT_WRONG_KEYS: '5/m' }
      const { app } = await keyedApp(env, keyed.house)
      expect(await statusOf(app, { ...here, ...bearer('let-me-look') })).toBe(200)
      expect(await statusOf(app, here)).toBe(401)
      if (AUTH === 'none') for (let n = 0; n < 5; n++) await statusOf(app, { ...here, ...bearer('let-me-luck') })
      if (AUTH === 'none') expect(await statusOf(app, { ...here, ...bearer('let-me-look') })).toBe(429)
    }
  })

  it('without keys and token it is for this machine, under its own name', async () => {
    const { app } = await keyedApp({ AUTH: 'none' }, keyed.house)
    expect(await statusOf(app, here)).toBe(200)
    expect(await statusOf(app, { host: 'rebound.example' })).toBe(403)
  })

  it('of a worker it is the same, on a port that is opened on loopback unless there is a token', async () => {
    expect(() => loadConfig({ METRICS_PORT: '9464', METRICS_HOST: '0.0.0.0' })).toThrow('METRICS_TOKEN')
    expect(loadConfig({ METRICS_PORT: '9464' }).METRICS_HOST).toBe('127.0.0.1')
    const registry = openRegistry()
    meterProcess(registry, { part: 'worker', version: '1.2.3' })
    const port = await freePort()
    const open = await listenForScrapes({ host: '127.0.0.1', port, token: undefined, registry })
    atEnd(() => open.close())
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`)
    expect(await answer.text()).toContain('sluice_build_info{part="worker",version="1.2.3"} 1')
    expect((await fetch(`http://127.0.0.1:${port}/live`)).status).toBe(200)
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404)
    const rebound = get({ port, path: '/metrics', headers: { host: 'rebound.example' } })
    const [refused] = (await once(rebound, 'response')) as [IncomingMessage]
    refused.resume()
    expect(refused.statusCode).toBe(403)
    const closed = await freePort()
    const guarded = await listenForScrapes({ host: '127.0.0.1', port: closed, token: 'x'.repeat(20), registry })
    atEnd(() => guarded.close())
    const ask = (headers = {}) => fetch(`http://127.0.0.1:${closed}/metrics`, { headers })
    expect((await ask()).status).toBe(401)
    expect((await ask(bearer('x'.repeat(20)))).status).toBe(200)
  })
})

it('names of metrics keep to the conventions of Prometheus: base units, and an ending for counters alone', () => {
  for (const { name, type, help, labels } of allMetrics()) {
    expect(name).toMatch(/^sluice_[a-z_]+$/)
    expect(name.endsWith('_total'), name).toBe(type === 'counter')
    if (type === 'histogram') expect(name).toMatch(/_seconds$/)
    expect(help).toMatch(/\.$/)
    const known = ['code', 'component', 'end', 'fate', 'folder', 'kind', 'method', 'operation', 'outcome', 'queue']
    for (const label of labels) expect([...known, 'route', 'status'], name).toContain(label)
  }
})
