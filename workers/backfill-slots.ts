import { DelayedError, type Job } from 'bullmq'
import { backfillRank } from '../core/task-kinds.ts'
import type { QueueName } from '../queues/names.ts'

const restMs = 1_000

type Taken = {
  name: QueueName
  job: Pick<Job, 'priority' | 'moveToDelayed'>
  token: string | undefined
  run: () => Promise<unknown>
}

/**
 * Keeps one slot of each queue free of what nobody waits for: whoever uploads finds a place at once, and not after the
 * piece of a film that is made anew. Where there is but one, it is shared by priority alone.
 */
export function backfillSlots(limits: Record<QueueName, number>) {
  const running = new Map<QueueName, number>()
  return async ({ name, job, token, run }: Taken): Promise<unknown> => {
    if (job.priority < backfillRank) return run()
    const others = running.get(name) ?? 0
    if (others >= Math.max(1, limits[name] - 1)) {
      await job.moveToDelayed(Date.now() + restMs, token)
      throw new DelayedError()
    }
    running.set(name, others + 1)
    try {
      return await run()
    } finally {
      running.set(name, (running.get(name) ?? 1) - 1)
    }
  }
}
