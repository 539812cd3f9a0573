import type { z } from 'zod'
import type { NewAsset } from '../../core/accept.ts'
import { newSource } from '../../core/new-source.ts'
import { assetFields, sourceInput } from '../../queues/payloads.ts'
import type { Caller } from '../auth/caller.ts'
import type { ApiHouse } from '../house.ts'

/** What a caller sends for an asset whose bytes lie somewhere already. */
export const assetBody = assetFields.extend({ source: sourceInput })

type Options = { body: z.infer<typeof assetBody>; id: string; caller: Pick<Caller, 'tenant' | 'cause'> }

/** Judges the source as far as it shows, before anything is written. */
export async function assetFromSource(house: ApiHouse, { body, id, caller }: Options): Promise<NewAsset> {
  const { source, ...fields } = body
  const { tenant, cause } = caller
  return { id, tenant, cause, ...fields, source: await newSource(house, { source, tenant }) }
}
