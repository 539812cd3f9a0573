import { randomUUID } from 'node:crypto'
import type { JobsOptions } from 'bullmq'
import { SluiceError } from '../core/errors.ts'
import { within } from '../core/within.ts'
import { connectQueues } from './connect.ts'
import { type IngestPayload, ingestPayload } from './payloads.ts'

export type ProducerOptions = {
  /** The house's QUEUE_URL: `redis://`, `rediss://` or `postgres://`. */
  url: string
  /** Hears of broken connections, which are made anew by themselves. */
  onError?: (error: Error) => void
}

export type Producer = {
  /**
   * Puts one asset on its way. Throws a `SluiceError`: `invalid_request`, or `unavailable` where the queue did not take it within
   * 10 s. Then it may yet have arrived: with an `externalId` it is safe to call again, the same one gives the same asset.
   */
  ingest(payload: IngestPayload): Promise<{ jobId: string }>
  /** The same for many, all or none of which are taken to be valid. */
  ingestAll(payloads: IngestPayload[]): Promise<{ jobId: string }[]>
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const patienceMs = 10_000

const options = (): JobsOptions => ({
  jobId: randomUUID(),
  attempts: 10,
  backoff: { type: 'exponential', delay: 1_000 },
  removeOnComplete: { age: 3_600, count: 1_000 },
  removeOnFail: { age: 7 * 86_400 },
})

/** Enqueues work without HTTP, for backends that share the house's Redis or Postgres. */
export function createProducer({ url, onError = (error) => process.emitWarning(error) }: ProducerOptions): Producer {
  const connection = connectQueues({ url, onError, durable: true })
  const intake = connection.queue('intake')
  let closing: Promise<void> | undefined
  const ingestAll = async (payloads: IngestPayload[]) => {
    const jobs = payloads.map((payload) => ({ name: 'ingest', data: checked(payload), opts: options() }))
    if (closing !== undefined) throw unavailable('the producer is closed')
    try {
      await connection.whenReady()
      const added = await within(patienceMs, intake.addBulk(jobs))
      return added.map(({ id }) => ({ jobId: id ?? '' }))
    } catch (cause) {
      throw unavailable('the queue did not take it', cause)
    }
  }
  const close = () => {
    closing ??= intake.close().finally(() => connection.close())
    return closing
  }
  return {
    async ingest(payload) {
      const [job] = await ingestAll([payload])
      return job ?? { jobId: '' }
    },
    ingestAll,
    close,
    [Symbol.asyncDispose]: close,
  }
}

function checked(payload: IngestPayload): IngestPayload {
  const parsed = ingestPayload.safeParse(payload)
  if (parsed.success) return parsed.data
  const errors = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.') || 'payload', message }))
  const message = errors.map((error) => `${error.path}: ${error.message}`).join('; ')
  throw new SluiceError('invalid_request', { message, publicMessage: message, errors, cause: parsed.error })
}

function unavailable(message: string, cause?: unknown): SluiceError {
  const why = cause instanceof Error ? `${message}: ${cause.message}` : message
  return new SluiceError('unavailable', { message: why, cause })
}
