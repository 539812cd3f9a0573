import type { Database } from './open.ts'

type Wanted = { tenants: string[]; assetIds: string[]; limit: number }
export type InWork = { id: string; tenant: string }

/** Assets that a worker works on just now: of these tenants, and these. Read from the running tasks, which are few however many wait. */
export async function assetsInWork(db: Database, { tenants, assetIds, limit }: Wanted): Promise<InWork[]> {
  return db
    .selectFrom('tasks')
    .innerJoin('assets', 'assets.id', 'tasks.asset_id')
    .select(['assets.id', 'assets.tenant'])
    .distinct()
    .where('tasks.status', '=', 'running')
    .where('assets.deleted_at', 'is', null)
    .where('assets.status', 'in', ['queued', 'processing'])
    .where(({ eb, or }) =>
      or([
        ...(tenants.length > 0 ? [eb('assets.tenant', 'in', tenants)] : []),
        ...(assetIds.length > 0 ? [eb('assets.id', 'in', assetIds)] : []),
      ]),
    )
    .limit(limit)
    .execute()
}
