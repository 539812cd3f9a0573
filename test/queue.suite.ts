import type { Queue } from 'bullmq'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { buildApp } from '../api/app.ts'
import { markPushed } from '../core/db/tasks.ts'
import { SluiceError } from '../core/errors.ts'
import type { WorkerHandle } from '../queues/connect.ts'
import { jobId } from '../queues/jobs.ts'
import { createProducer } from '../queues/producer.ts'
import type { Handler } from '../workers/house.ts'
import { processJob } from '../workers/process-job.ts'
import { houseChores } from '../workers/upkeep/chores.ts'
import { startTimetable } from '../workers/upkeep/timetable.ts'
import { addTask, onlyHandlers, readAsset, readTask, type TestHouse, testHouse, waitingAsset } from './setup/house.ts'

type Backend = { name: string; queueUrl(): string | undefined; lose(house: TestHouse): Promise<void> }

/** The queue as an operator's board holds it. */
const boardQueue = (house: TestHouse) => house.sender.queues.get('fetch') as Queue

/** What every backend of the queue must do for us; run on Redis and on Postgres alike. */
export function queueBackendSuite(backend: Backend): void {
  describe(`the queue on ${backend.name}`, () => {
    let house: TestHouse
    const running: { close(): Promise<unknown> }[] = []

    beforeAll(async () => {
      const queueUrl = backend.queueUrl()
      house = await testHouse(queueUrl === undefined ? {} : { queueUrl })
    })
    afterEach(async () => {
      await Promise.all(running.splice(0).map((one) => one.close()))
    })

    function work(fetch: Handler): WorkerHandle {
      const closing = new AbortController().signal
      const handlers = onlyHandlers({ fetch })
      const worker = house.queue.worker('fetch', (job, token) => processJob({ house, job, token, handlers, closing }), {
        concurrency: 4,
      })
      running.push(worker)
      return worker
    }
    function keepHouse(): void {
      const timetable = startTimetable({ chores: houseChores({ house, sender: house.sender }), log: house.log })
      running.push({ close: timetable.stop })
    }
    const until = (what: () => Promise<void>) => vi.waitFor(what)
    const isDone = (taskId: string) =>
      until(async () => expect(await readTask(house, taskId)).toMatchObject({ status: 'done' }))

    it('brings a reminder to a worker, and the row remembers that it was sent', async () => {
      const { taskId, reminder } = await waitingAsset(house)
      house.push.push([reminder])
      await house.push.settled()
      expect((await readTask(house, taskId)).enqueued_at).not.toBeNull()
      work(async () => ({ result: 'worked' }))
      await isDone(taskId)
    })

    it('runs the piece of a higher priority first', async () => {
      const { asset } = await waitingAsset(house)
      const late = await addTask(house, { assetId: asset.id, key: 'fetch:late', queuePriority: 900 })
      const early = await addTask(house, { assetId: asset.id, key: 'fetch:early', queuePriority: 5 })
      if (!late || !early) throw new Error('two tasks should be written')
      await house.sender.send([late, early])
      const order: string[] = []
      const closing = new AbortController().signal
      const fetch: Handler = async ({ task }) => {
        order.push(task.key)
        return { result: null }
      }
      const handlers = onlyHandlers({ fetch })
      running.push(
        house.queue.worker('fetch', (job, token) => processJob({ house, job, token, handlers, closing }), {
          concurrency: 1,
        }),
      )
      await isDone(late.taskId)
      expect(order).toEqual(['fetch:early', 'fetch:late'])
    })

    it('sent twice, runs once', async () => {
      const { taskId, reminder } = await waitingAsset(house)
      const handler = vi.fn<Handler>(async () => ({ result: null }))
      await house.sender.send([reminder, reminder])
      await house.sender.send([reminder])
      work(handler)
      await isDone(taskId)
      expect(handler).toHaveBeenCalledTimes(1)
    })

    it('rests between the tries of a task that fails, and tries again by itself', async () => {
      const { taskId, reminder } = await waitingAsset(house)
      let tries = 0
      work(async () => {
        tries += 1
        if (tries < 3) throw new SluiceError('source_too_slow', { message: 'not yet', retryAfterMs: 20 })
        return { result: tries }
      })
      await house.sender.send([reminder])
      await isDone(taskId)
      expect(await readTask(house, taskId)).toMatchObject({ result: 3, failures: 2, attempt: 3 })
    })

    it('is told by the relay what nobody sent: whoever committed the row died before', async () => {
      const { taskId } = await waitingAsset(house)
      work(async () => ({ result: null }))
      keepHouse()
      await isDone(taskId)
    })

    it('may lose everything it holds, in the middle: every task is sent anew and done once', async () => {
      const handler = vi.fn<Handler>(async () => ({ result: null }))
      const waiting = await Promise.all(Array.from({ length: 30 }, () => waitingAsset(house)))
      house.push.push(waiting.map((one) => one.reminder))
      await house.push.settled()
      await backend.lose(house)
      work(handler)
      keepHouse()
      for (const { taskId } of waiting) await isDone(taskId)
      expect(handler).toHaveBeenCalledTimes(30)
    })

    it('gives the task of a worker that died to another', async () => {
      const { taskId, reminder } = await waitingAsset(house)
      await house.db
        .updateTable('tasks')
        .set({
          status: 'running',
          attempt: 1,
          worker: 'dead',
          lease_until: new Date(Date.now() - 1_000),
          enqueued_at: new Date(),
        })
        .where('id', '=', reminder.taskId)
        .execute()
      work(async () => ({ result: null }))
      keepHouse()
      await isDone(taskId)
      expect(await readTask(house, taskId)).toMatchObject({ attempt: 2, crashes: 1 })
    })

    it('finds the task whose worker died after taking its job and before claiming it', async () => {
      const { taskId, reminder } = await waitingAsset(house)
      const taken = Promise.withResolvers<void>()
      const never = new Promise<never>(() => undefined)
      const dying = house.queue.worker(
        'fetch',
        () => {
          taken.resolve()
          return never
        },
        {},
      )
      await house.sender.send([reminder])
      await markPushed(house.db, [reminder])
      await taken.promise
      running.push({ close: () => dying.close(true) })
      work(async () => ({ result: null }))
      keepHouse()
      await isDone(taskId)
    })

    it('Bull Board says what a job is about, as its row has it now', async () => {
      const { asset } = await waitingAsset(house)
      const chunks = await Promise.all([0, 1, 2].map((n) => addTask(house, { assetId: asset.id, key: `encode:${n}` })))
      const sent = chunks.filter((one) => one !== undefined)
      await house.sender.send(sent)
      const app = await buildApp(house)
      running.push(app)
      const ask = (path: string) =>
        app.inject({ url: `/admin/queues/api/queues${path}`, headers: { host: 'localhost' } })
      const about = { asset: { id: asset.id, status: 'queued' }, task: { does: 'chunk 2 of 3', status: 'pending' } }
      const second = sent.find(({ key }) => key === 'encode:1')
      if (second === undefined) throw new Error('the second chunk was not written')
      const one = { job: { name: expect.stringContaining('chunk 2 of 3 · '), data: about } }
      expect((await ask(`/video/${jobId(second)}`)).json()).toMatchObject(one)
      expect((await ask(`/video/${jobId(second)}`)).json().job.externalUrl.href).toBe(`/#asset/${asset.id}`)
      await house.db.updateTable('assets').set({ status: 'cancelled' }).where('id', '=', asset.id).execute()
      const page = (await ask('?activeQueue=video&jobsPerPage=2&page=1&status=prioritized')).json()
      const jobs = page.queues.find(({ name }: { name: string }) => name === 'video').jobs
      expect(jobs).toHaveLength(2)
      for (const job of jobs) expect(job.data).toMatchObject({ asset: { id: asset.id, status: 'cancelled' } })
    })

    it('a retry pressed in Bull Board revives the task, and its asset', async () => {
      const { asset, taskId, reminder } = await waitingAsset(house)
      let broken = true
      work(async () => {
        if (broken) throw new SluiceError('source_expired', { message: 'gone' })
        return { result: 'mended' }
      })
      await house.sender.send([reminder])
      await until(async () => expect(await readAsset(house, asset.id)).toMatchObject({ status: 'failed' }))
      await until(async () => expect(await boardQueue(house).getJobState(jobId(reminder))).toBe('failed'))
      broken = false
      const app = await buildApp(house)
      running.push(app)
      const retry = {
        method: 'PUT',
        url: `/admin/queues/api/queues/fetch/${jobId(reminder)}/retry`,
        headers: { host: 'localhost' },
      } as const
      expect((await app.inject(retry)).statusCode).toBe(204)
      await isDone(taskId)
      expect(await readAsset(house, asset.id)).toMatchObject({ status: 'queued', error: null })
    })

    it('refuses a job that somebody else put there, and brings nothing of it in', async () => {
      const queue = boardQueue(house)
      work(async () => ({ result: null }))
      const job = await queue.add('fetch', { taskId: '../../x', ffmpegArgs: ['-i', '/etc/passwd'] })
      await until(async () => expect(await job.getState()).toBe('failed'))
    })

    it('a producer’s job becomes one asset, however often it is enqueued with the same external id', async () => {
      const producer = createProducer({ url: house.config.queueUrl ?? '' })
      running.push(producer)
      const { ingestJob } = await import('../workers/ingest/ingest-job.ts')
      running.push(house.queue.worker('intake', async (job) => ingestJob({ house, job }), {}))
      await producer.ingest({ source: { url: 'https://example.com/cat.mp4' }, externalId: `${backend.name}-cat` })
      await producer.ingest({ source: { url: 'https://example.com/cat.mp4' }, externalId: `${backend.name}-cat` })
      const found = () =>
        house.db
          .selectFrom('assets')
          .select(['id', 'source_url'])
          .where('external_id', '=', `${backend.name}-cat`)
          .execute()
      await until(async () => expect(await found()).toHaveLength(1))
      await until(async () => {
        const counts = await house.queue.queue('intake').getJobCounts('completed')
        expect(counts['completed']).toBe(2)
      })
      expect(await found()).toHaveLength(1)
      const wrong = producer.ingest({ source: { url: 'https://x.example/' }, wish: 1 } as never)
      await expect(wrong).rejects.toMatchObject({
        code: 'invalid_request',
        errors: [{ message: expect.stringMatching(/wish/) }],
      })
      await producer.close()
      await expect(producer.ingest({ source: { url: 'https://x.example/' } })).rejects.toMatchObject({
        code: 'unavailable',
      })
    })
  })
}
