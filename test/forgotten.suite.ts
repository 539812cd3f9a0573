import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { newId } from '../core/ids.ts'
import { connectQueues, prepareQueues } from '../queues/connect.ts'
import { createSender } from '../queues/sender.ts'
import { forgetfulProxy } from './setup/forgetful-proxy.ts'

const silenceMs = 1_500

type Proxy = Awaited<ReturnType<typeof forgetfulProxy>>

/** What every backend of the queue must survive; run on Redis and on Postgres alike. */
export function forgottenSuite(backend: { name: string; queueUrl(): Promise<string> }): void {
  describe(`the queue on ${backend.name}`, () => {
    /** A worker behind a network that can forget its connections, and what it was given. */
    async function openWorker({ onJob }: { onJob?: (proxy: Proxy) => void } = {}) {
      const url = await backend.queueUrl()
      await prepareQueues({ url })
      const proxy = await forgetfulProxy(url)
      const queue = connectQueues({ url: proxy.url, silenceMs, onError: () => undefined })
      const sender = createSender(queue)
      const heard: string[] = []
      const begin = () => {
        const take = async (job: { data: { taskId: string } }) => {
          heard.push(job.data.taskId)
          onJob?.(proxy)
        }
        const worker = queue.worker('fetch', take, { drainDelay: 1 })
        onTestFinished(async () => {
          await worker.close(true)
          await sender.close()
          await queue.close()
        })
      }
      const send = async () => {
        const taskId = newId()
        await sender.send([{ taskId, key: 'fetch', queue: 'fetch', pushes: 0, priority: 100, delayMs: 0 }])
        return taskId
      }
      // A job whose answer fell into the silence is lost to its worker, as the house's search for lost ones knows; so another is sent.
      const oneMore = async () => {
        const taskId = await send()
        await vi.waitFor(() => expect(heard).toContain(taskId), { timeout: 5_000 })
      }
      return { proxy, begin, send, arrives: () => vi.waitFor(oneMore, { timeout: 100_000 }) }
    }

    it('goes on when the network forgets its connections without a word', { timeout: 240_000 }, async () => {
      const { proxy, begin, arrives } = await openWorker()
      begin()
      await arrives()
      proxy.forget()
      await arrives()
    })

    it('goes on when they are forgotten before its worker ever had to wait for a job', {
      timeout: 240_000,
    }, async () => {
      let forgot = false
      const onJob = (proxy: Proxy) => {
        if (!forgot) proxy.forget()
        forgot = true
      }
      const { begin, send, arrives } = await openWorker({ onJob })
      await send()
      begin()
      await vi.waitFor(() => expect(forgot).toBe(true))
      await arrives()
    })
  })
}
