import { createHash } from 'node:crypto'
import { type ApiKey, findKey } from '../../core/db/keys.ts'
import type { Database } from '../../core/db/open.ts'

/** A revoked key may be good for this much longer; `docs/access.md` says so. */
const keptMs = 2_000
const mostKept = 1_000

export type FindKey = (secret: string) => Promise<ApiKey | undefined>

/** Finds keys, and remembers for a moment those that are good: a busy client is looked up once, not at every call. */
export function keyCache(db: Database, now: () => number = () => performance.now()): FindKey {
  const kept = new Map<string, { key: ApiKey; until: number }>()
  return async (secret) => {
    // The hash, so that no secret lies about in memory.
    const name = createHash('sha256').update(secret).digest('base64')
    const known = kept.get(name)
    if (known !== undefined && known.until > now()) return known.key
    kept.delete(name)
    const key = await findKey(db, secret)
    if (key === undefined) return undefined
    if (kept.size >= mostKept) kept.clear()
    kept.set(name, { key, until: now() + keptMs })
    return key
  }
}
