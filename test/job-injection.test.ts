import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { createLogger } from '../core/logger.ts'
import type { QueueName } from '../queues/names.ts'
import { listenToQueues } from '../workers/consume.ts'
import { atEnd } from './setup/at-end.ts'
import { type TestHouse, testHouse } from './setup/house.ts'
import { tempFolder } from './setup/temp-folder.ts'

const secret = 'CANARY-of-the-job'
const id = '019a0000-0000-7000-8000-000000000000'
const web = { url: 'https://example.com/a.mp4' }

describe('a job that somebody put into a queue by hand', () => {
  let house: TestHouse
  let made: string
  const lines: { level: string; jobId?: string }[] = []
  beforeAll(async () => {
    const log = createLogger({ level: 'trace', name: 'test' }, { write: (line) => lines.push(JSON.parse(line)) })
    house = { ...(await testHouse()), log }
    made = `${await tempFolder()}/made-by-a-job`
    const listening = listenToQueues({ house, queue: house.queue })
    atEnd(() => listening.close())
  })

  const arguments_ = () => ['-y', '-f', 'lavfi', '-i', 'testsrc=d=1', made]
  const jobs: [what: string, queue: QueueName, name: string, data: () => unknown][] = [
    ['a path in place of an id', 'video', 'encode:0', () => ({ taskId: '../../etc/passwd' })],
    ['arguments of ffmpeg beside an id', 'video', 'encode:0', () => ({ taskId: id, ffmpegArgs: arguments_() })],
    ['arguments of ffmpeg alone', 'video', 'encode:0', () => ({ ffmpegArgs: arguments_() })],
    ['a list in place of an id', 'fetch', 'fetch', () => ({ taskId: [id] })],
    ['nothing', 'publish', 'publish', () => null],
    ['a text', 'image', 'variants', () => secret],
    ['the name of what all objects have', 'image', '__proto__', () => ({ constructor: { name: secret } })],
    ['a prefix to be purged', 'upkeep', 'purge', () => ({ prefix: '../../', tenant: secret })],
    ['an address, on another queue than the intake', 'video', 'ingest', () => ({ source: web })],
    ['a file, as an address', 'intake', 'ingest', () => ({ source: { url: 'file:///etc/passwd' } })],
    ['a file, as an object', 'intake', 'ingest', () => ({ source: { object: 'file:///etc/passwd' } })],
    ['an inner address', 'intake', 'ingest', () => ({ source: { url: `http://127.0.0.1/?sig=${secret}` } })],
    ['a tenant that climbs', 'intake', 'ingest', () => ({ source: web, tenant: '../other' })],
    ['wishes that there are not', 'intake', 'ingest', () => ({ source: web, ffmpegArgs: [secret] })],
    ['a reminder on the intake', 'intake', 'ingest', () => ({ taskId: id })],
    ['half a megabyte', 'intake', secret, () => ({ source: web, externalId: 'x'.repeat(500_000) })],
  ]

  it.each(jobs)('%s is refused, and the log says so', async (_what, queue, name, data) => {
    const job = await house.queue.queue(queue).add(name, data(), { jobId: `by-hand-${randomUUID()}` })
    await vi.waitFor(async () => expect(await job.getState()).toBe('failed'))
    const said = lines.filter((line) => line.jobId === job.id && /refused/.test(JSON.stringify(line)))
    expect(said).toMatchObject([{ level: 'warn' }])
    expect(JSON.stringify(said)).not.toContain(secret)
    expect(JSON.stringify(said).length).toBeLessThan(10_000)
  })

  it('brings nothing about: no asset, no task, no file', async () => {
    for (const table of ['assets', 'tasks'] as const)
      expect(await house.db.selectFrom(table).select('id').execute()).toEqual([])
    expect(existsSync(made)).toBe(false)
  })
})
