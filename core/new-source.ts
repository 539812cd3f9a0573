import type { NewSource } from './accept.ts'
import type { Database } from './db/open.ts'
import { filenameOf } from './net/filename.ts'
import { checkUrl } from './net/url.ts'
import { objectSource } from './object-source.ts'
import type { ObjectStores } from './storage/object-stores.ts'

type House = {
  db: Database
  objects: ObjectStores
  config: { FETCH_ALLOW: readonly string[]; MAX_UPLOAD_BYTES: number }
}
type Named = { source: { url: string } | { object: string }; tenant: string }

/** What a caller names as source, over HTTP or the queue, judged as far as it shows before anything is written. */
export async function newSource(house: House, { source, tenant }: Named): Promise<NewSource> {
  if ('object' in source) return objectSource(house, { object: source.object, tenant })
  const url = checkUrl(source.url, { allow: house.config.FETCH_ALLOW })
  return { type: 'url', url: url.href, filename: filenameOf({ disposition: undefined, url }) }
}
