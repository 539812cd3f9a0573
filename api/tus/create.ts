import { checkQuotas } from '../../core/db/quotas.ts'
import type { Trx } from '../../core/db/tasks.ts'
import { bytesInParts } from '../../core/db/upload-parts.ts'
import { holdUploadToken } from '../../core/db/upload-tokens.ts'
import { findUpload, insertUpload, type Upload } from '../../core/db/uploads.ts'
import { SluiceError } from '../../core/errors.ts'
import { stagingPrefix } from '../../core/storage/keys.ts'
import { accept } from '../accept.ts'
import { checkDeclaredType, checkUnused, mostBytes, wishesOf } from '../auth/token-terms.ts'
import { invalid } from '../parse.ts'
import { headerOf, type TusCall } from './call.ts'
import { uploadWishes } from './metadata.ts'

/**
 * `resumed`: it was under way, and is given back. `findable`: whoever never heard its address finds it again, by its
 * external id, by the upload token that made it, or by its idempotency key.
 */
export type Created = { upload: Upload; resumed: boolean; findable: boolean }

/** Makes an upload and, unless it is a part of one, the asset that waits for its bytes. */
export async function createUpload(call: TusCall, bytes: number | undefined): Promise<Created> {
  const { house, id, caller } = call
  const { uploadToken } = caller
  await house.storage.needRoom()
  if (headerOf(call.request, 'upload-concat') === 'partial')
    return { upload: await createPart(call, bytes), resumed: false, findable: false }
  refuseEmpty(bytes)
  const { filename, filetype, ...said } = uploadWishes(headerOf(call.request, 'upload-metadata'))
  checkDeclaredType(caller, filetype)
  const before = uploadToken?.assetId && (await underWay(call, { id: uploadToken.assetId, bytes }))
  if (before) return { upload: before, resumed: true, findable: true }
  checkUnused(caller)
  let upload: Upload | undefined
  const source = { type: 'awaited' as const, bytes, filename }
  const { asset } = await accept(house, { id, ...wishesOf(caller, said), source }, async (trx) => {
    upload = await insertUpload(trx, {
      ...rowOf(call, bytes),
      protocol: 'tus',
      asset_id: id,
      filename: filename ?? null,
    })
  })
  const findable = said.externalId !== undefined || uploadToken !== undefined || call.request.once !== undefined
  if (upload !== undefined) return { upload, resumed: false, findable }
  const resumed = await underWay(call, { id: asset.id, bytes })
  if (resumed === undefined) throw standsForAnother(call, asset.id)
  return { upload: resumed, resumed: true, findable }
}

function rowOf(call: TusCall, bytes: number | undefined) {
  const { house, id, caller } = call
  return {
    ...{ id, tenant: caller.tenant, token_id: caller.uploadToken?.id ?? null },
    ...{ bytes: bytes ?? null, max_bytes: sizeLimit(call), ttlSeconds: house.config.UPLOAD_TTL },
    metadata: headerOf(call.request, 'upload-metadata') ?? null,
  }
}

async function createPart(call: TusCall, bytes: number | undefined): Promise<Upload> {
  const { house, caller } = call
  checkUnused(caller)
  uploadWishes(headerOf(call.request, 'upload-metadata'))
  await house.storage.settle(stagingPrefix({ id: call.id, tenant: caller.tenant }))
  return house.db.transaction().execute(async (trx) => {
    if (caller.uploadToken !== undefined) await holdUploadToken(trx, caller.uploadToken.id)
    const upload = await insertUpload(trx, { ...rowOf(call, bytes), protocol: 'partial', asset_id: null })
    await refuseTooManyParts(trx, call)
    await checkQuotas(trx, { tenant: caller.tenant, quotas: house.config, newAsset: false })
    return upload
  })
}

/** What one token may send is not multiplied by sending it in parts. */
async function refuseTooManyParts(trx: Trx, { caller: { uploadToken, tenant } }: TusCall): Promise<void> {
  if (uploadToken === undefined) return
  const bytes = await bytesInParts(trx, { tenant, tokenId: uploadToken.id })
  if (bytes > uploadToken.maxBytes) throw tooLarge(uploadToken.maxBytes)
}

/** Of this upload or, before there is one, of any that this caller may make. */
export const sizeLimit = ({ house, caller, upload }: TusCall): number =>
  upload?.max_bytes ?? mostBytes(caller, house.config.MAX_UPLOAD_BYTES)

export const tooLarge = (limit: number) =>
  new SluiceError('too_large', {
    message: `more than ${limit} bytes`,
    publicMessage: `An upload may have at most ${limit} bytes.`,
  })

export function refuseEmpty(bytes: number | undefined): void {
  if (bytes === 0) throw invalid([{ path: 'Upload-Length', message: 'an empty file is no media' }])
}

/** Whoever begins again what is under way goes on with it. */
async function underWay(call: TusCall, { id, bytes }: { id: string; bytes: number | undefined }) {
  const upload = await findUpload(call.house.db, { id, tenant: call.caller.tenant })
  const isSame = upload?.status === 'open' && upload.protocol === 'tus' && upload.bytes === (bytes ?? null)
  return isSame ? upload : undefined
}

/** An asset that came in otherwise is named, not touched. */
export function standsForAnother({ reply }: TusCall, assetId: string): SluiceError {
  reply.header('asset-id', assetId)
  const publicMessage = 'This externalId stands for another asset already, which Asset-Id names.'
  return new SluiceError('conflict', { message: `the external id is asset ${assetId}'s`, publicMessage })
}
