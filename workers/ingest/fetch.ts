import { postgresClock } from '../../core/db/postgres-clock.ts'
import { SluiceError } from '../../core/errors.ts'
import { sourceKey } from '../../core/storage/keys.ts'
import type { Handler } from '../house.ts'
import { endFetch } from './end-fetch.ts'
import { fateOfFetch } from './fetch-fate.ts'
import { fetchSource } from './fetch-source.ts'
import { withinQuota } from './within-quota.ts'

/** Brings an address's bytes into safety; only then is anything else done with them, so the address may die meanwhile. */
export const fetch: Handler = async ({ task, asset, bench, house }) => {
  if (asset.source_url === null) throw new SluiceError('internal', { message: `asset ${asset.id} has no address` })
  const clock = postgresClock(task)
  const from = {
    url: asset.source_url,
    key: (filename: string | undefined) => sourceKey(asset, filename ?? asset.source_filename ?? undefined),
    storage: bench.storage,
    allow: house.config.FETCH_ALLOW,
    resolve: house.resolve,
    bench,
  }
  const fetched = await withinQuota({ house, tenant: asset.tenant }, (maxBytes) =>
    fetchSource({ ...from, limits: { maxBytes } }),
  ).catch((thrown) => {
    throw fateOfFetch({ thrown, expiresAt: asset.source_expires_at, since: task.created_at, now: clock() })
  })
  house.meters.media.fetched(fetched.bytes)
  const { key, bytes, sha256, contentType = null, filename = asset.source_filename } = fetched
  return {
    end: () =>
      endFetch(house, {
        fence: task,
        result: { bytes, sha256, contentType },
        tenant: asset.tenant,
        generation: task.generation,
        queuePriority: task.queue_priority,
        source: { key, bytes, sha256, filename },
      }),
  }
}
