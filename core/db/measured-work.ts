import { sql } from 'kysely'
import type { AssetKind } from '../asset.ts'
import type { Database } from './open.ts'

/** What one asset of a kind took here lately: seconds of work by all its tasks, and from the first to the last of them; for what plays, of each second. */
export type Measured = { kind: AssetKind; assets: number; work: number; span: number; each: 'asset' | 'second' }

/** The last so many that became ready of each kind; enough to say what the next will cost. */
const sample = 200

export async function measuredWork(db: Database): Promise<Measured[]> {
  const { rows } = await sql<{ kind: AssetKind; assets: number; work: number; span: number; plays: number }>`
    SELECT lately.kind, count(*)::int AS assets, avg(took.work)::float8 AS work, avg(took.span)::float8 AS span,
      coalesce(avg((lately.media->>'duration')::float8), 0)::float8 AS plays
    FROM unnest(ARRAY['video', 'image', 'audio']) AS kinds (name)
    CROSS JOIN LATERAL (
      SELECT id, kind, generation, media FROM assets
      WHERE status = 'ready' AND deleted_at IS NULL AND assets.kind = kinds.name ORDER BY id DESC LIMIT ${sample}
    ) AS lately
    CROSS JOIN LATERAL (
      SELECT sum(extract(epoch FROM finished_at - started_at)) AS work,
        extract(epoch FROM max(finished_at) - min(started_at)) AS span
      FROM tasks WHERE asset_id = lately.id AND tasks.generation = lately.generation AND status = 'done'
        AND key NOT IN ('fetch', 'seal', 'digest') AND key NOT LIKE 'purge%'
    ) AS took
    WHERE took.work IS NOT NULL
    GROUP BY lately.kind`.execute(db)
  return rows.map(({ plays, ...row }) => {
    if (row.kind === 'image' || plays <= 0) return { ...row, each: 'asset' as const }
    return { ...row, work: row.work / plays, span: row.span / plays, each: 'second' as const }
  })
}
