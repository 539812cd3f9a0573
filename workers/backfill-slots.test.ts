import { DelayedError } from 'bullmq'
import { expect, it } from 'vitest'
import { queuePriority } from '../core/task-kinds.ts'
import { backfillSlots } from './backfill-slots.ts'
import { atOnce } from './consume.ts'

it('what is made anew in masses leaves a slot of each queue free; what somebody waits for takes any', async () => {
  const slots = backfillSlots({ ...atOnce(), video: 3 })
  const busy = Promise.withResolvers<void>()
  const delayed: number[] = []
  const job = (priority: 'normal' | 'backfill') => ({
    priority: queuePriority({ priority }),
    moveToDelayed: async (until: number) => void delayed.push(until),
  })
  const take = (priority: 'normal' | 'backfill') =>
    slots({ name: 'video', job: job(priority), token: 't', run: () => busy.promise })
  const taken = [take('backfill'), take('backfill')]
  await expect(take('backfill')).rejects.toThrow(DelayedError)
  expect(delayed).toHaveLength(1)
  taken.push(take('normal'), take('normal'))
  busy.resolve()
  await Promise.all(taken)
  await expect(take('backfill')).resolves.toBeUndefined()
})
