import { sql } from 'kysely'
import type { Database } from '../core/db/open.ts'
import type { Logger } from '../core/logger.ts'

export type AssetWaits = {
  /** Until the asset has ended in one way or another, the time is over, the caller is gone, or the process stops. */
  ended(wait: { id: string; ms: number; gone: AbortSignal }): Promise<void>
  /** Lets everybody go at once, and whoever comes later too. */
  close(): void
}

const everyMs = 200

/** Callers who wait for assets: however many they are, one look into the database at a time serves them all; without them there is none. */
export function assetWaits({ db, log }: { db: Database; log: Logger }): AssetWaits {
  const waiting = new Map<string, Set<() => void>>()
  let timer: NodeJS.Timeout | undefined
  let closed = false

  async function look(): Promise<void> {
    try {
      for (const id of await endedOf(db, [...waiting.keys()])) wake(id)
    } catch (err) {
      log.warn({ err }, 'nobody could see whether an asset that is waited for has ended')
    }
    timer = waiting.size > 0 && !closed ? setTimeout(look, everyMs) : undefined
  }
  function wake(id: string): void {
    for (const letGo of waiting.get(id) ?? []) letGo()
  }

  return {
    async ended({ id, ms, gone }) {
      if (closed || ms === 0 || gone.aborted) return
      const over = Promise.withResolvers<void>()
      const those = waiting.get(id) ?? new Set()
      waiting.set(id, those.add(over.resolve))
      timer ??= setTimeout(look, everyMs)
      const late = setTimeout(over.resolve, ms)
      const left = () => over.resolve()
      gone.addEventListener('abort', left)
      await over.promise
      clearTimeout(late)
      gone.removeEventListener('abort', left)
      those.delete(over.resolve)
      if (those.size === 0) waiting.delete(id)
    },
    close() {
      closed = true
      clearTimeout(timer)
      for (const id of waiting.keys()) wake(id)
    },
  }
}

async function endedOf(db: Database, ids: string[]): Promise<string[]> {
  const rows = await db
    .selectFrom('assets')
    .select('id')
    .where('id', '=', sql<string>`any(${ids}::uuid[])`)
    .where(({ eb, or }) => or([eb('status', 'in', ['ready', 'failed', 'cancelled']), eb('deleted_at', 'is not', null)]))
    .execute()
  return rows.map(({ id }) => id)
}
