import { sql } from 'kysely'
import type { AssetKind } from '../asset.ts'
import type { JsonObject } from './schema.ts'

/** What is said of an asset's media. */
export type OtherFacts = {
  kind: AssetKind | null
  media: JsonObject | null
  placeholder: { thumbhash: string; color: string } | null
  source_mime: string | null
  source_sha256: string | null
  source_version: string | null
  source_bytes: number | null
  source_received: number
}

const names = [
  ...(['kind', 'media', 'placeholder', 'source_mime', 'source_sha256'] as const),
  ...(['source_version', 'source_bytes', 'source_received'] as const),
] satisfies (keyof OtherFacts)[]

/** What an asset says of its media now: set aside when another generation begins. */
export const factsNow = sql<string>`jsonb_build_object(${sql.join(names.flatMap((name) => [sql.lit(name), sql.ref(name)]))})`

/** Says what was set aside, and sets aside what was said. Where nothing was, all stays as it is. */
export const swapFacts = () => ({
  kind: aside<OtherFacts['kind']>('kind'),
  media: aside<string | null>('media'),
  placeholder: aside<string | null>('placeholder'),
  source_mime: aside<OtherFacts['source_mime']>('source_mime'),
  source_sha256: aside<OtherFacts['source_sha256']>('source_sha256'),
  source_version: aside<OtherFacts['source_version']>('source_version'),
  source_bytes: aside<OtherFacts['source_bytes']>('source_bytes'),
  source_received: aside<OtherFacts['source_received']>('source_received'),
  other_facts: sql<string | null>`CASE WHEN other_facts IS NOT NULL THEN ${factsNow} END`,
})

const aside = <Value>(name: (typeof names)[number]) =>
  sql<Value>`(jsonb_populate_record(assets, other_facts)).${sql.ref(name)}`
