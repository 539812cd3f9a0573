import { bytesArrived } from '../../core/accept.ts'
import type { Reminder, Trx } from '../../core/db/tasks.ts'
import { findParts, keptParts, useParts } from '../../core/db/upload-parts.ts'
import { endUpload, findUpload, insertUpload, type Upload } from '../../core/db/uploads.ts'
import { SluiceError } from '../../core/errors.ts'
import { keepPart } from '../../core/uploads/keep-part.ts'
import { accept } from '../accept.ts'
import { checkDeclaredType, checkUnused, mayTouch, wishesOf } from '../auth/token-terms.ts'
import { invalid } from '../parse.ts'
import { headerOf, type TusCall } from './call.ts'
import { noPart } from './concat.ts'
import { refuseEmpty, sizeLimit, standsForAnother, tooLarge } from './create.ts'
import { uploadWishes } from './metadata.ts'
import { isWhole, uploadOver } from './the-upload.ts'

export type Final = { final: string; parts: string[] }

/**
 * Parts that are whole become one upload, in the order in which they are named. Their bytes are safe already; a worker
 * joins them, and the client need not wait for that.
 */
export async function createFinal(call: TusCall, concat: Final): Promise<Upload> {
  refuseLength(call)
  const parts = await theParts(call, concat)
  const before = await theFinalBefore(call, concat, parts)
  if (before !== undefined) return before
  checkUnused(call.caller)
  const bytes = sizeOf(call, parts)
  // Those that were not kept when their last byte came; the same under no lock is harmless, since nobody writes to them.
  for (const part of parts) await keepPart(call.house, part)
  return insertFinal(call, { concat, bytes })
}

function refuseLength({ request }: TusCall): void {
  if (request.headers['upload-length'] === undefined && request.headers['upload-defer-length'] === undefined) return
  throw invalid([{ path: 'Upload-Length', message: 'is the sum of the parts, and not said of a final upload' }])
}

/** In the order that was asked for. */
async function theParts({ house, caller }: TusCall, { parts }: Final): Promise<Upload[]> {
  const found = new Map(
    (await findParts(house.db, { ids: parts, tenant: caller.tenant })).map((part) => [part.id, part]),
  )
  const isTheirs = (part: Upload) => mayTouch(caller, { assetId: part.asset_id, tokenId: part.token_id })
  return parts.map((id) => {
    const part = found.get(id)
    if (part === undefined || !isTheirs(part)) throw noPart(id)
    if (part.status === 'gone') throw uploadOver(id)
    return part
  })
}

/** Who asks for the very same again did not hear the answer. */
async function theFinalBefore({ house, caller }: TusCall, concat: Final, parts: Upload[]): Promise<Upload | undefined> {
  const [first] = parts
  if (parts.every(({ status }) => status === 'open') || first === undefined) return undefined
  const id = first.asset_id
  const before = id === null ? undefined : await findUpload(house.db, { id, tenant: caller.tenant })
  if (before?.status === 'done' && before.concat === concat.final) return before
  throw usedBefore()
}

const usedBefore = () =>
  new SluiceError('conflict', { message: 'a part is used', publicMessage: 'A part went into another upload already.' })

function sizeOf(call: TusCall, parts: Upload[]): number {
  const missing = parts.filter((part) => !isWhole(part)).length
  if (missing > 0)
    throw new SluiceError('upload_incomplete', {
      message: `${missing} parts are not whole`,
      publicMessage: `${missing} of the parts are not complete.`,
    })
  const bytes = parts.reduce((sum, part) => sum + part.received, 0)
  refuseEmpty(bytes)
  if (bytes > sizeLimit(call)) throw tooLarge(sizeLimit(call))
  return bytes
}

/** Asset, upload, pieces and the work that begins: all in one transaction. */
async function insertFinal(call: TusCall, { concat, bytes }: { concat: Final; bytes: number }): Promise<Upload> {
  const { house, id, caller } = call
  const metadata = headerOf(call.request, 'upload-metadata')
  const { filename, filetype, ...said } = uploadWishes(metadata)
  checkDeclaredType(caller, filetype)
  let reminders: Reminder[] = []
  let upload: Upload | undefined
  const also = async (trx: Trx) => {
    const words = { concat: concat.final, metadata: metadata ?? null, filename: filename ?? null }
    const token_id = caller.uploadToken?.id ?? null
    const sizes = { bytes, max_bytes: bytes, ttlSeconds: house.config.UPLOAD_TTL }
    await insertUpload(trx, { id, asset_id: id, tenant: caller.tenant, protocol: 'tus', token_id, ...words, ...sizes })
    if (!(await useParts(trx, { ids: concat.parts, assetId: id }))) throw usedBefore()
    await insertPieces(trx, id, concat.parts)
    upload = await endUpload(trx, { id, status: 'done' })
    reminders = (await bytesArrived(trx, id, { bytes, cause: caller.cause }))?.reminders ?? []
  }
  const source = { type: 'awaited' as const, bytes, filename }
  const { asset } = await accept(house, { id, ...wishesOf(caller, said), source }, also)
  if (upload === undefined) throw standsForAnother(call, asset.id)
  house.push.push(reminders)
  return upload
}

/** Those without bytes were kept as nothing. */
async function insertPieces(trx: Trx, id: string, parts: string[]): Promise<void> {
  const kept = await keptParts(trx, parts)
  const pieces = parts.flatMap((part) => kept.get(part) ?? [])
  const rows = pieces.map(({ key, bytes, etag }, number) => ({ upload_id: id, number, key, bytes, etag }))
  await trx.insertInto('upload_pieces').values(rows).execute()
  await trx.deleteFrom('upload_pieces').where('upload_id', 'in', parts).execute()
}
