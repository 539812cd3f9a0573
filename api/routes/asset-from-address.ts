import { z } from 'zod'
import type { NewAsset } from '../../core/accept.ts'
import { filenameOf } from '../../core/net/filename.ts'
import { type Allow, checkUrl } from '../../core/net/url.ts'
import { assetFields } from '../../queues/payloads.ts'

/** What a caller sends for an asset whose bytes lie behind an address. */
export const addressBody = assetFields.extend({ source: z.strictObject({ url: z.string().min(1).max(8_192) }) })

type Options = { body: z.infer<typeof addressBody>; id: string; tenant: string; allow: Allow }

/** Judges the address as far as it shows, before anything is written. */
export function assetFromAddress({ body, id, tenant, allow }: Options): NewAsset {
  const { source, ...fields } = body
  const url = checkUrl(source.url, { allow })
  return {
    id,
    tenant,
    ...fields,
    source: { type: 'url', url: url.href, filename: filenameOf({ disposition: undefined, url }) },
  }
}
