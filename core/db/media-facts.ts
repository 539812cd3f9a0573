import { sql } from 'kysely'
import type { JsonObject } from './schema.ts'
import type { Trx } from './tasks.ts'

/** Adds to what an asset says of its media what could be known only by decoding it; says nothing of a generation that is no longer made. */
export async function addMediaFacts(
  trx: Trx,
  asset: { id: string; generation: number },
  facts: JsonObject,
): Promise<void> {
  await trx
    .updateTable('assets')
    .set({ media: sql`coalesce(media, '{}'::jsonb) || ${JSON.stringify(facts)}::jsonb` })
    .where('id', '=', asset.id)
    .where('target_generation', '=', asset.generation)
    .execute()
}
