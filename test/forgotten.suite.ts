import { describe, expect, it, vi } from 'vitest'
import { newId } from '../core/ids.ts'
import { connectQueues, prepareQueues } from '../queues/connect.ts'
import { createSender } from '../queues/sender.ts'
import { atEnd } from './setup/at-end.ts'
import { forgetfulProxy } from './setup/forgetful-proxy.ts'

const silenceMs = 1_500

/** What every backend of the queue must survive; run on Redis and on Postgres alike. */
export function forgottenSuite(backend: { name: string; queueUrl(): Promise<string> }): void {
  describe(`the queue on ${backend.name}`, () => {
    it('goes on when the network forgets its connections without a word', { timeout: 240_000 }, async () => {
      const url = await backend.queueUrl()
      await prepareQueues({ url })
      const proxy = await forgetfulProxy(url)
      const queue = connectQueues({ url: proxy.url, silenceMs, onError: () => undefined })
      const sender = createSender(queue)
      const heard: string[] = []
      const take = async (job: { data: { taskId: string } }) => void heard.push(job.data.taskId)
      const worker = queue.worker('fetch', take, { drainDelay: 1 })
      atEnd(async () => {
        await worker.close(true)
        await sender.close()
        await queue.close()
      })
      // A job whose answer fell into the silence is lost to its worker, as the house's search for lost ones knows; so another is sent.
      const oneMore = async () => {
        const reminder = {
          taskId: newId(),
          key: 'fetch',
          queue: 'fetch' as const,
          pushes: 0,
          priority: 100,
          delayMs: 0,
        }
        await sender.send([reminder])
        await vi.waitFor(() => expect(heard).toContain(reminder.taskId), { timeout: 5_000 })
      }
      const arrives = () => vi.waitFor(oneMore, { timeout: 100_000 })
      await arrives()
      proxy.forget()
      await arrives()
    })
  })
}
