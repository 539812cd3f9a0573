import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { acceptAsset } from '../core/accept.ts'
import type { Priority } from '../core/asset.ts'
import { claimMostUrgent } from '../core/db/claim-urgent.ts'
import type { Reminder } from '../core/db/tasks.ts'
import { SluiceError } from '../core/errors.ts'
import { fetchLane } from '../workers/fetch-lane.ts'
import type { Handler } from '../workers/house.ts'
import { processJob } from '../workers/process-job.ts'
import { onlyHandlers, type TestHouse, testHouse } from './setup/house.ts'

type Wish = { dies?: number; priority?: Priority }

/** The lane of addresses, on either backend of the queue. */
export function laneSuite({ name, queueUrl }: { name: string; queueUrl(): string | undefined }): void {
  describe(`the lane of addresses on ${name}`, () => {
    let house: TestHouse
    const running: { close(): Promise<unknown> }[] = []
    beforeAll(async () => {
      const url = queueUrl()
      house = await testHouse(url === undefined ? {} : { queueUrl: url })
    })
    afterEach(async () => {
      await Promise.all(running.splice(0).map((one) => one.close()))
    })

    /** An address called `label` that dies so many seconds from now, or does not say when. */
    async function waits(label: string, { dies, priority }: Wish = {}): Promise<Reminder> {
      const end = dies === undefined ? '' : `&Expires=${Math.floor(Date.now() / 1000) + dies}`
      const url = `https://cdn.example.com/${label}?x=1${end}`
      const { reminders } = await acceptAsset(house, { tenant: 'default', priority, source: { type: 'url', url } })
      const [reminder] = reminders
      if (reminder === undefined) throw new Error('an address has a task')
      return reminder
    }

    function work(fetch: Handler, atOnce: number): void {
      const closing = new AbortController().signal
      const [handlers, lane] = [onlyHandlers({ fetch }), fetchLane(house)]
      running.push(
        house.queue.worker('fetch', (job, token) => processJob({ house, job, token, handlers, closing, lane }), {
          concurrency: atOnce,
        }),
      )
    }
    const allDone = () =>
      vi.waitFor(async () => {
        const left = await house.db.selectFrom('tasks').select('id').where('status', '!=', 'done').execute()
        expect(left).toEqual([])
      })
    const labelOf = (url: string | null) => new URL(url ?? '').pathname.slice(1)

    it('serves the one that dies first, in whatever order the reminders come, and every one once', async () => {
      const reminders = [
        await waits('none-low', { priority: 'low' }),
        await waits('none-1'),
        await waits('in-3000', { dies: 3_000, priority: 'low' }),
        await waits('in-60', { dies: 60 }),
        await waits('none-2'),
        await waits('over', { dies: -60 }),
        await waits('in-900', { dies: 900, priority: 'high' }),
        await waits('none-high', { priority: 'high' }),
        await waits('in-120', { dies: 120 }),
      ]
      await house.sender.send(reminders)
      const served: string[] = []
      let failed = false
      work(async ({ asset }) => {
        const label = labelOf(asset.source_url)
        // A rest puts it back; whoever is reminded then takes it up again.
        if (label === 'in-60' && !failed) {
          failed = true
          throw new SluiceError('source_unavailable', { message: 'a moment', retryAfterMs: 300 })
        }
        served.push(label)
        return { result: null }
      }, 1)
      await allDone()
      const inOrder = ['over', 'in-120', 'in-900', 'in-3000', 'none-high', 'none-1', 'none-2', 'none-low']
      expect(served.filter((label) => label !== 'in-60')).toEqual(inOrder)
      expect(served).toHaveLength(9)
    })

    it('loses no task where many are served at once and some fail in between', async () => {
      const reminders = await Promise.all(Array.from({ length: 60 }, (_, n) => waits(`n-${n}`, { dies: 1_000 - n })))
      await house.sender.send(reminders)
      const tries = new Map<string, number>()
      work(async ({ asset }) => {
        const label = labelOf(asset.source_url)
        tries.set(label, (tries.get(label) ?? 0) + 1)
        if (tries.get(label) === 1 && label.endsWith('5'))
          throw new SluiceError('source_unavailable', { message: 'a moment', retryAfterMs: 100 })
        return { result: null }
      }, 8)
      await allDone()
      expect(tries.size).toBe(60)
      expect([...tries.values()].filter((times) => times > 1)).toHaveLength(6)
    })

    it('what fails is what a retry on the board means, whichever job served it', async () => {
      const [late, urgent] = [await waits('late', { dies: 500 }), await waits('urgent', { dies: 50 })]
      const seen: string[] = []
      running.push(
        house.queue.worker(
          'fetch',
          async (job, token) => {
            const closing = new AbortController().signal
            const fetch: Handler = async ({ asset }) => {
              if (labelOf(asset.source_url) === 'late') return { result: null }
              throw new SluiceError('source_expired', { message: 'gone' })
            }
            const lane = fetchLane(house)
            const end = processJob({ house, job, token, handlers: onlyHandlers({ fetch }), closing, lane })
            await end.catch(() => seen.push(job.data.taskId))
            return end
          },
          { concurrency: 1 },
        ),
      )
      await house.sender.send([late])
      await vi.waitFor(() => expect(seen).toEqual([urgent.taskId]))
    })
  })

  describe('what else there is to do', () => {
    it('waits while addresses are taken up as fast as they can be, and goes on with the last of them', async () => {
      const url = queueUrl()
      const house = await testHouse(url === undefined ? {} : { queueUrl: url })
      for (let n = 0; n < 40; n++) {
        const source = { type: 'url' as const, url: `https://cdn.example.com/${n}` }
        await acceptAsset(house, { tenant: 'default', source })
      }
      const lane = fetchLane(house)
      const open = new AbortController()
      await lane.calm(open.signal)
      await Promise.all(Array.from({ length: 32 }, () => lane.claim()))
      const order: string[] = []
      const other = lane.calm(open.signal).then(() => order.push('the other'))
      const last = await Promise.all(Array.from({ length: 16 }, () => lane.claim()))
      order.push('the last address')
      await other
      expect(last.filter((one) => one !== undefined)).toHaveLength(8)
      expect(order).toEqual(['the last address', 'the other'])
    })
  })

  describe('who is served next', () => {
    it('is now and then whoever has waited long, so that hurried addresses starve nobody', async () => {
      const url = queueUrl()
      const house = await testHouse(url === undefined ? {} : { queueUrl: url })
      const add = async (label: string, query: string) => {
        const source = { type: 'url' as const, url: `https://cdn.example.com/${label}?${query}` }
        return (await acceptAsset(house, { tenant: 'default', source })).asset.id
      }
      const old = await add('old', '')
      await house.db
        .updateTable('tasks')
        .set({ created_at: new Date(Date.now() - 120_000) })
        .execute()
      for (let n = 0; n < 20; n++) await add(`n-${n}`, `Expires=${Math.floor(Date.now() / 1000) + 60 + n}`)
      const lane = fetchLane(house)
      const order: (string | undefined)[] = []
      for (let n = 0; n < 8; n++) order.push((await lane.claim())?.asset.id)
      expect(order.indexOf(old)).toBe(7)
      const by = { worker: 'x', leaseMs: 1_000, longerThanMs: 60_000, limit: 1 }
      expect(await claimMostUrgent(house.db, by)).toEqual([])
    })
  })
}
