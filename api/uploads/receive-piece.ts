import { createHash, randomUUID } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { NewPiece } from '../../core/db/upload-pieces.ts'
import { SluiceError } from '../../core/errors.ts'
import { faultPoint } from '../../core/fault-point.ts'
import { privateObject, stagingPrefix } from '../../core/storage/keys.ts'
import { meterBody } from '../../core/storage/meter.ts'
import type { ApiHouse } from '../house.ts'
import { invalid } from '../parse.ts'
import { requestBody } from '../request-body.ts'
import { contentDigest, type Digests } from './content-digest.ts'
import { discardPiece } from './discard-piece.ts'
import type { ChunkUpload } from './the-upload.ts'

/** One piece of an upload on its way in. */
export type Incoming = {
  house: Pick<ApiHouse, 'config' | 'db' | 'storage' | 'log'>
  request: FastifyRequest
  upload: ChunkUpload
  number: number
  /** How many bytes it has; only at most, where `exact` is not set. */
  size: { bytes: number; exact: boolean }
  /** Fires when the caller hangs up. */
  gone: AbortSignal
}

type Got = { bytes: number; sha256: string }

/**
 * Takes one piece: streamed to an object of its own, judged, and only then counted. Whole and durable when this returns,
 * and never written to again; whatever goes wrong, nothing of it stays. `count` says whether it does count.
 */
export async function receivePiece(incoming: Incoming, count: (piece: NewPiece) => Promise<boolean>): Promise<Got> {
  const { house, upload, number, size, gone } = incoming
  const key = `${stagingPrefix(upload)}c${number}-${randomUUID()}`
  const piece = { uploadId: upload.id, number, key }
  try {
    const got = await judged(incoming, (body) =>
      house.storage.put(key, body, { ...privateObject, maxBytes: size.bytes, signal: gone }),
    )
    faultPoint('chunk-stored')
    const row = { upload_id: upload.id, number, key, bytes: got.bytes, etag: etagOf(got.sha256) }
    if (!(await count(row))) await discardPiece(house, piece)
    return got
  } catch (error) {
    await discardPiece(house, piece)
    throw error
  }
}

/** The same for a piece that is there already: read and judged, and kept nowhere. */
export function passPiece(incoming: Incoming): Promise<Got> {
  return judged(incoming, async (body) => {
    const meter = meterBody({ body, maxBytes: incoming.size.bytes, signal: incoming.gone })
    for await (const _chunk of meter.chunks);
    return meter.seen()
  })
}

/** The tag of a piece whose bytes we hashed. */
export const etagOf = (sha256: string) => `"${sha256}"`

async function judged(
  { request, size }: Incoming,
  read: (body: ReturnType<typeof requestBody>) => Promise<Got>,
): Promise<Got> {
  refuseSaidSize(request, size)
  const said = contentDigest(request.headers['content-digest'])
  const sha512 = said.sha512 === undefined ? undefined : createHash('sha512')
  try {
    const got = await read(requestBody(request.raw, (chunk) => sha512?.update(chunk)))
    judge({ size, said, got: { ...got, ...(sha512 ? { sha512: sha512.digest('hex') } : {}) } })
    return got
  } catch (error) {
    // That there is too much of it shows while it streams.
    throw error instanceof SluiceError && error.code === 'too_large' ? wrongSize(size) : error
  }
}

/** A length that is said beforehand is believed when it is wrong, and never when it is right. */
function refuseSaidSize(request: FastifyRequest, size: Incoming['size']): void {
  const said = request.headers['content-length']
  if (said !== undefined && !fits(Number(said), size)) throw wrongSize(size)
}

const fits = (bytes: number, size: Incoming['size']) =>
  size.exact ? bytes === size.bytes : bytes > 0 && bytes <= size.bytes

const wrongSize = ({ bytes, exact }: Incoming['size']) =>
  invalid([{ path: 'body', message: exact ? `wants ${bytes} bytes` : `wants 1 to ${bytes} bytes` }])

type Judged = { size: Incoming['size']; said: Digests; got: Got & { sha512?: string } }

function judge({ size, said, got }: Judged): void {
  if (!fits(got.bytes, size)) throw wrongSize(size)
  const differs =
    (said.sha256 !== undefined && said.sha256 !== got.sha256) ||
    (said.sha512 !== undefined && said.sha512 !== got.sha512)
  if (differs) throw new SluiceError('checksum_mismatch', { message: 'the bytes are not what their digest says' })
}
