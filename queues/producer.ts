import { randomUUID } from 'node:crypto'
import { connectQueues } from './connect.ts'
import { type IngestPayload, ingestPayload } from './payloads.ts'

/** Enqueues work without HTTP. `externalId` makes it safe to call again: the same one gives the same asset. */
export function createProducer({
  url,
  onError = (error) => process.emitWarning(error),
}: {
  url: string
  onError?: (error: Error) => void
}) {
  const connection = connectQueues({ url, onError, durable: true })
  const intake = connection.queue('intake')
  return {
    async ingest(payload: IngestPayload): Promise<{ jobId: string }> {
      const checked = ingestPayload.parse(payload)
      await connection.whenReady()
      const job = await intake.add('ingest', checked, {
        jobId: randomUUID(),
        attempts: 10,
        backoff: { type: 'exponential', delay: 1_000 },
        removeOnComplete: { age: 3_600, count: 1_000 },
        removeOnFail: { age: 7 * 86_400 },
      })
      return { jobId: job.id ?? '' }
    },
    async close(): Promise<void> {
      await intake.close()
      await connection.close()
    },
  }
}
