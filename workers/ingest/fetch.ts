import { sql } from 'kysely'
import { insertEvent } from '../../core/db/events.ts'
import { postgresClock } from '../../core/db/postgres-clock.ts'
import { insertTasks } from '../../core/db/tasks.ts'
import { SluiceError } from '../../core/errors.ts'
import { sourceKey } from '../../core/storage/keys.ts'
import type { Handler } from '../house.ts'
import { fateOfFetch } from './fetch-fate.ts'
import { fetchSource } from './fetch-source.ts'
import { keepOrDelete, withinQuota } from './within-quota.ts'

/** Brings an address's bytes into safety; only then is anything else done with them, so the address may die meanwhile. */
export const fetch: Handler = async ({ task, asset, bench, house }) => {
  if (asset.source_url === null) throw new SluiceError('internal', { message: `asset ${asset.id} has no address` })
  const clock = postgresClock(task)
  const source = {
    url: asset.source_url,
    key: (filename: string | undefined) => sourceKey(asset, filename ?? asset.source_filename ?? undefined),
    storage: bench.storage,
    allow: house.config.FETCH_ALLOW,
    resolve: house.resolve,
    bench,
  }
  const fetched = await withinQuota({ house, tenant: asset.tenant }, (maxBytes) =>
    fetchSource({ ...source, limits: { maxBytes } }),
  ).catch((thrown) => {
    throw fateOfFetch({ thrown, expiresAt: asset.source_expires_at, since: task.created_at, now: clock() })
  })
  house.meters.media.fetched(fetched.bytes)
  return {
    result: { bytes: fetched.bytes, sha256: fetched.sha256, contentType: fetched.contentType ?? null },
    write: async (trx) => {
      await trx
        .updateTable('assets')
        .set({
          source_key: fetched.key,
          source_bytes: fetched.bytes,
          source_received: fetched.bytes,
          source_sha256: fetched.sha256,
          source_filename: fetched.filename ?? asset.source_filename,
          received_at: sql`now()`,
          updated_at: sql`now()`,
        })
        .where('id', '=', asset.id)
        .execute()
      await insertEvent(trx, { asset, type: 'asset.uploaded', payload: { bytes: fetched.bytes } })
      const next = {
        assetId: asset.id,
        generation: task.generation,
        key: 'inspect',
        params: {},
        queuePriority: task.queue_priority,
      }
      const reminders = await insertTasks(trx, [next])
      await keepOrDelete({ trx, house, tenant: asset.tenant, key: fetched.key })
      return reminders
    },
  }
}
