import type { Database } from '../../../core/db/open.ts'
import { claimTask, finishTask } from '../../../core/db/task-run.ts'
import type { QueueConnection } from '../../../queues/connect.ts'
import { taskPayload } from '../../../queues/payloads.ts'

/** Milliseconds that one task after the other takes from the queue to its end, when there is nothing to do for it. */
export async function timeTaking({ db, queue, tasks }: { db: Database; queue: QueueConnection; tasks: number }) {
  if (tasks < 1) return Number.NaN
  const over = Promise.withResolvers<number>()
  let [taken, startedAt] = [0, 0]
  const worker = queue.worker(
    'video',
    async (job) => {
      // The first finds everything cold.
      if (taken++ === 0) startedAt = performance.now()
      const { taskId } = taskPayload.parse(job.data)
      const claimed = await claimTask(db, { taskId, worker: 'bench', leaseMs: 15_000 })
      if (claimed !== undefined) await finishTask(db, claimed.task, { result: null })
      if (taken === tasks) over.resolve((performance.now() - startedAt) / (tasks - 1))
    },
    { concurrency: 1 },
  )
  try {
    return await over.promise
  } finally {
    await worker.close()
  }
}
