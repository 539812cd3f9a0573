import { type Selectable, sql } from 'kysely'
import type { Database } from './open.ts'
import type { AssetsTable } from './schema.ts'
import type { Trx } from './tasks.ts'

const columns = [
  ...(['id', 'tenant', 'visibility', 'status', 'generation', 'target_generation', 'source_key'] as const),
  ...(['ready_at', 'deleted_at'] as const),
] as const

/** `version`: exactly its `updated_at`; as a Date it would lose its microseconds. */
export type Untidied = Pick<Selectable<AssetsTable>, (typeof columns)[number]> & { version: string }

/** Assets that have ended, in whatever way, this long ago, and whose storage nobody has looked over since; the longest ago first. */
export async function untidiedAssets(
  db: Database,
  { graceMs, limit }: { graceMs: number; limit: number },
): Promise<Untidied[]> {
  return db
    .selectFrom('assets')
    .select(columns)
    .select(sql<string>`updated_at::text`.as('version'))
    .where(ended)
    .where(sql<boolean>`tidied_at IS DISTINCT FROM updated_at`)
    .where('updated_at', '<', sql<Date>`now() - ${graceMs} * interval '1 millisecond'`)
    .orderBy('updated_at')
    .limit(limit)
    .execute()
}

/** As the index on it says. */
const ended = sql<boolean>`(deleted_at IS NOT NULL OR status IN ('ready', 'failed', 'cancelled'))`

/** The generations that readers are sent to, or may go on to be. */
export function keptGenerations({ generation, ready_at }: Untidied): number[] {
  return ready_at === null ? [] : [generation]
}

/**
 * Forgets the rows of what is to go, before any object does: nobody is sent there any more, and no task of it can be
 * revived. Its mark is not yet that of a tidied one: whoever dies over it is followed by another. `false`: it has changed.
 */
export async function beginTidying(db: Database, asset: Untidied): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const row = await trx
      .updateTable('assets')
      .set({ tidied_at: sql`updated_at + interval '1 second'` })
      .where('id', '=', asset.id)
      .where(sql<boolean>`updated_at::text = ${asset.version}`)
      .where(ended)
      .returning('id')
      .executeTakeFirst()
    if (row === undefined) return false
    await forgetGenerations(trx, { id: asset.id, kept: keptGenerations(asset) })
    return true
  })
}

async function forgetGenerations(trx: Trx, { id, kept }: { id: string; kept: number[] }): Promise<void> {
  for (const table of ['outputs', 'segments', 'tracks'] as const)
    await trx
      .deleteFrom(table)
      .where('asset_id', '=', id)
      .where(sql<boolean>`generation <> all(${kept}::int[])`)
      .execute()
  if (kept.length === 0) await trx.updateTable('assets').set({ playable: false }).where('id', '=', id).execute()
}

/** All that nobody refers to is gone from storage. One that has changed meanwhile comes round again. */
export async function endTidying(db: Database, asset: Untidied): Promise<void> {
  await db
    .updateTable('assets')
    .set({ tidied_at: sql`updated_at` })
    .where('id', '=', asset.id)
    .where(sql<boolean>`updated_at::text = ${asset.version}`)
    .execute()
}
