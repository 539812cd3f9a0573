import { z } from 'zod'
import { chunkCount, chunkLimits, leastChunkBytes, usualChunkBytes } from '../../core/chunks.ts'
import { insertUpload } from '../../core/db/uploads.ts'
import { SluiceError } from '../../core/errors.ts'
import { cleanFilename } from '../../core/net/filename.ts'
import { stagingPrefix } from '../../core/storage/keys.ts'
import { assetFields } from '../../queues/payloads.ts'
import { accept } from '../accept.ts'
import type { Caller } from '../auth/caller.ts'
import { checkUnused, mostBytes, wishesOf } from '../auth/token-terms.ts'
import type { ApiHouse } from '../house.ts'
import { invalid } from '../parse.ts'
import { type ChunkUpload, conflict, theUpload } from './the-upload.ts'
import { withParts } from './with-parts.ts'

export const uploadWish = assetFields.extend({
  filename: z.string().min(1).max(4_096).transform(cleanFilename),
  bytes: z.int().min(1),
  chunkBytes: z.int().min(chunkLimits.least).max(chunkLimits.most).optional(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, 'wants a SHA-256 in hex')
    .transform((text) => text.toLowerCase())
    .optional(),
  strategy: z.enum(['chunks', 'direct']).default('chunks'),
})
export type UploadWish = z.output<typeof uploadWish>

export const directOff = () => new SluiceError('direct_uploads_off', { message: 'DIRECT_UPLOADS is off' })

type Beginning = { house: ApiHouse; id: string; caller: Caller; wish: UploadWish }

/** Makes an upload and the asset that waits for it, or gives back the one that its external id stands for. */
export async function beginUpload({
  house,
  id,
  caller,
  wish,
}: Beginning): Promise<{ upload: ChunkUpload; created: boolean }> {
  const { filename, bytes, chunkBytes, sha256, strategy, ...fields } = wish
  if (strategy === 'direct' && !house.config.DIRECT_UPLOADS) throw directOff()
  checkUnused(caller)
  refuseTooLarge(bytes, mostBytes(caller, house.config.MAX_UPLOAD_BYTES))
  refuseTooMany(wish)
  await house.storage.needRoom()
  await house.storage.settle(stagingPrefix({ id, tenant: caller.tenant }))
  const token_id = caller.uploadToken?.id ?? null
  // Whoever has a key, uploads directly, and does not say how it cuts, may cut as it likes.
  const free = strategy === 'direct' && token_id === null
  const chunk_bytes = chunkBytes ?? (free ? null : usualChunkBytes({ bytes, strategy }))
  const source = { type: 'awaited' as const, bytes, filename }
  const wishes = wishesOf(caller, fields)
  const accepted = await withParts({ house, asset: { id, tenant: caller.tenant }, wish }, (growth) =>
    accept(house, { id, ...wishes, source }, async (trx, { tenant }) => {
      await insertUpload(trx, {
        ...{ id, asset_id: id, tenant, protocol: strategy, filename: filename ?? null, chunk_bytes, growth, token_id },
        ...{ bytes, max_bytes: bytes, sha256: sha256 ?? null, ttlSeconds: house.config.UPLOAD_TTL },
      })
    }),
  )
  const named = { id: accepted.asset.id, caller }
  if (accepted.created) return { upload: await theUpload(house, named), created: true }
  // What an earlier try of this very request made was not there before.
  return { upload: await theOneBefore(house, named, wish), created: named.id === id }
}

/** Whoever begins again what is under way goes on with it; an asset that came in otherwise is named, not touched. */
async function theOneBefore(house: ApiHouse, named: { id: string; caller: Caller }, wish: UploadWish) {
  const upload = await findUploadOf(house, named)
  const same =
    upload?.status === 'open' &&
    upload.protocol === wish.strategy &&
    upload.bytes === wish.bytes &&
    (wish.sha256 ?? upload.sha256) === upload.sha256
  if (same) return upload
  throw conflict('This externalId stands for another asset already.', { assetId: named.id })
}

async function findUploadOf(house: ApiHouse, named: { id: string; caller: Caller }) {
  try {
    return await theUpload(house, named)
  } catch (error) {
    if (error instanceof SluiceError) return undefined
    throw error
  }
}

function refuseTooLarge(bytes: number, most: number): void {
  if (bytes <= most) return
  throw new SluiceError('too_large', {
    message: `upload of ${bytes} bytes`,
    publicMessage: `An upload may have at most ${most} bytes.`,
  })
}

function refuseTooMany({ bytes, chunkBytes, strategy }: UploadWish): void {
  const least = leastChunkBytes({ bytes, strategy })
  if (chunkBytes === undefined || chunkBytes >= least) return
  const count = chunkCount({ bytes, chunkBytes })
  throw invalid([{ path: 'chunkBytes', message: `${count} chunks are too many: make them ${least} bytes or more` }])
}
