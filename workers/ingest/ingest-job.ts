import { type Job, UnrecoverableError } from 'bullmq'
import { acceptAsset } from '../../core/accept.ts'
import { SluiceError } from '../../core/errors.ts'
import { checkUrl } from '../../core/net/url.ts'
import { ingestPayload } from '../../queues/payloads.ts'
import type { House } from '../house.ts'

/** A job that a backend enqueued becomes the same asset that the API would have made of it. Its job id stands in for a missing external id. */
export async function ingestJob({ house, job }: { house: House; job: Job }): Promise<string> {
  const payload = ingestPayload.safeParse(job.data)
  if (!payload.success)
    throw new UnrecoverableError(`invalid_request: ${payload.error.issues[0]?.message ?? 'the payload is wrong'}`)
  const { source, tenant = 'default', ...fields } = payload.data
  if (!('url' in source)) throw new UnrecoverableError('invalid_request: only addresses are taken from the queue')
  try {
    const url = checkUrl(source.url, { allow: house.config.FETCH_ALLOW })
    const filename = url.pathname.split('/').at(-1) || undefined
    const accepted = await acceptAsset(house.db, {
      tenant,
      ...fields,
      externalId: fields.externalId ?? `job:${job.id}`,
      source: { type: 'url', url: url.href, filename },
    })
    house.push.push(accepted.reminders)
    house.log.info({ assetId: accepted.asset.id, created: accepted.created }, 'asset accepted from the queue')
    return accepted.asset.id
  } catch (error) {
    if (error instanceof SluiceError && error.fate === 'give_up')
      throw new UnrecoverableError(`${error.code}: ${error.publicMessage}`)
    throw error
  }
}
