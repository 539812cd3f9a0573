import type { Hash } from 'node:crypto'
import { beginWriting, saveProgress, type Upload } from '../../core/db/uploads.ts'
import { SluiceError } from '../../core/errors.ts'
import { newId } from '../../core/ids.ts'
import { type Grown, type Growth, parseGrowth } from '../../core/storage/growing.ts'
import { privateObject, sourceKey, stagingPrefix } from '../../core/storage/keys.ts'
import { requestBody } from '../request-body.ts'
import type { TusCall } from './call.ts'
import { type Checksum, checksumOf } from './checksum.ts'
import { uploadOver } from './the-upload.ts'

export type Received = { upload: Upload; sha256: string | undefined }

/**
 * Takes the bytes of one request, under the upload's lock. What came is durable and written down when this returns or
 * throws, however it ended; with a checksum, all of it counts or nothing.
 */
export async function receive(call: TusCall, { id, offset }: { id: string; offset: number }): Promise<Received> {
  const { db, storage, digests } = call.house
  await storage.needRoom()
  const checksum = checksumOf(call.request.headers['upload-checksum'])
  const began = await beginWriting(db, { id, writer: newId() })
  if (began === undefined) throw uploadOver(id)
  const { upload, clean } = began
  if (upload.received !== offset) throw movedOn(upload)
  const before = upload.growth === null ? await begin(call, upload) : parseGrowth(upload.growth)
  const log = logOf(call, { upload, before })
  const hash = digests.take({ id, offset })
  const body = bodyOf(call, { checksum, hash })
  const grown = await storage.growing.append(before, body.stream, {
    signal: call.stop.signal,
    maxBytes: (upload.bytes ?? upload.max_bytes) - offset,
    fresh: !clean,
    ownsChunks: true,
    // With a checksum nothing counts yet; the last byte is written down at the end, when nothing has come after it.
    ...(checksum ? {} : { onSafe: (growth) => (growth.bytes === upload.bytes ? undefined : log.save(growth)) }),
  })
  const came = body.end()
  const verdict = judge({ grown, checksum, before, safe: log.safe() })
  await log.save(verdict.growth, { leave: true })
  if (verdict.failure !== undefined && verdict.growth.bytes !== upload.bytes) throw verdict.failure
  const expires_at = new Date(Date.now() + call.house.config.UPLOAD_TTL * 1_000)
  const now = { ...upload, received: verdict.growth.bytes, growth: verdict.growth, writer: null, expires_at }
  const sawAll = hash !== undefined && offset + came === now.received
  if (sawAll && now.received !== now.bytes) digests.keep({ id, offset: now.received }, hash)
  return { upload: now, sha256: sawAll && now.received === now.bytes ? hash.digest('hex') : undefined }
}

function begin({ house }: TusCall, upload: Upload): Promise<Growth> {
  const key =
    upload.protocol === 'partial' ? `${stagingPrefix(upload)}part` : sourceKey(upload, upload.filename ?? undefined)
  return house.storage.growing.begin(key, { ...privateObject, atMost: upload.bytes ?? upload.max_bytes })
}

/** Writes down how far it has grown; ends the request once another writes, or the upload is over. */
function logOf({ house }: TusCall, { upload, before }: { upload: Upload; before: Growth }) {
  let safe = before
  return {
    safe: () => safe,
    async save(growth: Growth, options?: { leave?: boolean }): Promise<void> {
      const progress = { id: upload.id, writer: upload.writer ?? '', received: growth.bytes, growth }
      const saved = await saveProgress(house.db, { ...progress, ttlSeconds: house.config.UPLOAD_TTL }, options)
      if (!saved) throw await whyNot(house, upload)
      safe = growth
    },
  }
}

async function whyNot({ db }: TusCall['house'], { id }: Upload): Promise<SluiceError> {
  const now = await db.selectFrom('uploads').select('status').where('id', '=', id).executeTakeFirst()
  if (now?.status !== 'open') return uploadOver(id)
  return new SluiceError('upload_locked', { message: `another writer took upload ${id} over`, retryAfterMs: 1_000 })
}

function bodyOf(call: TusCall, { checksum, hash }: { checksum: Checksum | undefined; hash: Hash | undefined }) {
  let came = 0
  const stream = requestBody(call.request.raw, (chunk) => {
    came += chunk.byteLength
    checksum?.update(chunk)
    hash?.update(chunk)
  })
  return {
    stream,
    /** How many bytes passed. */
    end(): number {
      stream.destroy()
      return came
    },
  }
}

type Judging = { grown: Grown; checksum: Checksum | undefined; before: Growth; safe: Growth }

/** What of a body counts. Of one that is longer than it may be, nothing that could make the upload whole. */
function judge({ grown, checksum, before, safe }: Judging): { growth: Growth; failure: unknown } {
  const { growth, failure } = grown
  if (checksum !== undefined && failure !== undefined) return { growth: before, failure }
  if (checksum !== undefined && !checksum.matches()) return { growth: before, failure: notAsAnnounced() }
  const tooLong = failure instanceof SluiceError && failure.code === 'too_large'
  return { growth: tooLong ? safe : growth, failure }
}

const notAsAnnounced = () =>
  new SluiceError('checksum_mismatch', { message: 'the body is not what Upload-Checksum says', status: 460 })

export const movedOn = ({ id, received }: Upload) =>
  new SluiceError('offset_mismatch', {
    message: `upload ${id} is at ${received}`,
    publicMessage: `The upload goes on from ${received}.`,
  })
