import { type Job, UnrecoverableError } from 'bullmq'
import { acceptAsset } from '../../core/accept.ts'
import { SluiceError } from '../../core/errors.ts'
import { newSource } from '../../core/new-source.ts'
import { saneRequestId } from '../../core/request-id.ts'
import { ingestPayload } from '../../queues/payloads.ts'
import type { House } from '../house.ts'

type Options = { house: House; job: Pick<Job, 'id' | 'timestamp' | 'data'> }

/** A job that a backend enqueued becomes the same asset that the API would have made of it. Where no external id came, job id and time stand in for it: a job that runs twice makes one asset (ids alone begin anew when the queue was lost). */
export async function ingestJob({ house, job }: Options): Promise<string> {
  // What the producer was answered: there is no request that it could be found by.
  const requestId = saneRequestId(job.id)
  const named = requestId === undefined ? {} : { requestId }
  const refuse = (reason: string) => {
    house.log.warn({ ...named, jobId: job.id, reason }, 'a job on the intake queue was refused')
    return new UnrecoverableError(reason)
  }
  const payload = ingestPayload.safeParse(job.data)
  if (!payload.success) throw refuse(`invalid_request: ${payload.error.issues[0]?.message ?? 'the payload is wrong'}`)
  const { source, tenant = 'default', ...fields } = payload.data
  try {
    const accepted = await acceptAsset(house, {
      tenant,
      ...fields,
      externalId: fields.externalId ?? `job:${job.id}:${job.timestamp}`,
      cause: requestId === undefined ? undefined : { requestId, traceparent: undefined },
      source: await newSource(house, { source, tenant }),
    })
    house.push.push(accepted.reminders)
    house.log.info({ ...named, assetId: accepted.asset.id, created: accepted.created }, 'asset accepted from the queue')
    return accepted.asset.id
  } catch (error) {
    if (error instanceof SluiceError && error.fate === 'give_up') throw refuse(`${error.code}: ${error.publicMessage}`)
    throw error
  }
}
