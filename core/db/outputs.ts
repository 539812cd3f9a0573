import type { Selectable } from 'kysely'
import { newId } from '../ids.ts'
import type { Database } from './open.ts'
import type { JsonObject, OutputsTable } from './schema.ts'
import type { Trx } from './tasks.ts'

export type Output = Selectable<OutputsTable>

export type OutputRole =
  | 'hls'
  | 'dash'
  | 'rendition'
  | 'thumbnail'
  | 'poster'
  | 'storyboard'
  | 'image'
  | 'audio'
  | 'video'
  | 'waveform'
  | 'mp4'

export type NewOutput = {
  role: OutputRole
  name: string
  key: string
  contentType: string
  bytes: number
  sha256?: string | undefined
  facts?: JsonObject
}

/** What a generation produced, one row each; a run that repeats its work says the same again. */
export async function writeOutputs(
  trx: Trx,
  asset: { id: string; generation: number },
  outputs: NewOutput[],
): Promise<void> {
  if (outputs.length === 0) return
  await trx
    .insertInto('outputs')
    .values(
      outputs.map((output) => ({
        id: newId(),
        asset_id: asset.id,
        generation: asset.generation,
        role: output.role,
        name: output.name,
        storage_key: output.key,
        content_type: output.contentType,
        bytes: output.bytes,
        sha256: output.sha256 ?? null,
        facts: JSON.stringify(output.facts ?? {}),
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(['asset_id', 'generation', 'role', 'name']).doUpdateSet((set) => ({
        storage_key: set.ref('excluded.storage_key'),
        content_type: set.ref('excluded.content_type'),
        bytes: set.ref('excluded.bytes'),
        sha256: set.ref('excluded.sha256'),
        facts: set.ref('excluded.facts'),
      })),
    )
    .execute()
}

/** The outputs that readers are served, of several assets at once. */
export async function servedOutputs(db: Database, assetIds: string[]): Promise<Output[]> {
  if (assetIds.length === 0) return []
  return db
    .selectFrom('outputs')
    .innerJoin('assets', (join) =>
      join.onRef('assets.id', '=', 'outputs.asset_id').onRef('assets.generation', '=', 'outputs.generation'),
    )
    .selectAll('outputs')
    .where('outputs.asset_id', 'in', assetIds)
    .orderBy('outputs.created_at')
    .orderBy('outputs.id')
    .execute()
}
