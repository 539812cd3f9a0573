import { bytesOfChunk } from '../../core/chunks.ts'
import { touchUpload } from '../../core/db/upload-pieces.ts'
import { SluiceError } from '../../core/errors.ts'
import { signingSecretOf } from '../../core/signing-secret.ts'
import type { ApiHouse } from '../house.ts'
import { invalid } from '../parse.ts'
import { atStore } from './at-store.ts'
import { partAddress } from './part-address.ts'
import { type ChunkUpload, uploadOver } from './the-upload.ts'

/** S3 signs for a week at most; an hour is plenty for one part, and a fresh address is a call away. */
const validSeconds = 3_600

type House = Pick<ApiHouse, 'config' | 'db' | 'storage'>
export type PartAddress = { partNumber: number; url: string; expiresAt: string; bytes?: number }

/** Addresses that take parts without a key. Asking for them is a sign of life: what goes to a store directly is not seen from here. */
export async function partAddresses(house: House, upload: ChunkUpload, numbers: number[]): Promise<PartAddress[]> {
  const parts = numbers.map((partNumber) => ({ partNumber, ...sizeOfPart(upload, partNumber) }))
  await refuseOverfull(house, upload)
  if (!(await touchUpload(house.db, { id: upload.id, ttlSeconds: house.config.UPLOAD_TTL })))
    throw uploadOver(upload.id)
  const expiresAt = new Date(Date.now() + validSeconds * 1_000)
  return Promise.all(
    parts.map(async (part) => ({
      ...part,
      url: await sign(house, upload, { ...part, expiresAt }),
      expiresAt: expiresAt.toISOString(),
    })),
  )
}

/** A client that said how it cuts is held to it, by the store itself; any other is held to the sum. */
export function sizeOfPart(upload: ChunkUpload, partNumber: number): { bytes?: number } {
  if (upload.chunk_bytes === null) return {}
  const bytes = bytesOfChunk({ bytes: upload.bytes, chunkBytes: upload.chunk_bytes }, partNumber - 1)
  if (bytes === undefined) throw invalid([{ path: 'partNumbers', message: `there is no part ${partNumber}` }])
  return { bytes }
}

function sign(house: House, upload: ChunkUpload, part: { partNumber: number; bytes?: number; expiresAt: Date }) {
  const { partNumber, expiresAt } = part
  const there = atStore(house.storage, upload)
  if (there) return there.parts.address(there.open, { ...part, expiresInSeconds: validSeconds })
  const secret = signingSecretOf(house.config)
  return partAddress({
    publicUrl: house.config.publicUrl,
    secret,
    part: { uploadId: upload.id, partNumber },
    expiresAt,
  })
}

/** A store takes what it is sent; whoever has sent more than he announced gets no more addresses. */
async function refuseOverfull({ storage }: House, upload: ChunkUpload): Promise<void> {
  const there = atStore(storage, upload)
  if (there === undefined || upload.chunk_bytes !== null) return
  const held = (await there.parts.list(there.open)) ?? []
  const sum = held.reduce((bytes, part) => bytes + part.bytes, 0)
  if (sum > upload.bytes) throw tooMuch(upload, sum)
}

export const tooMuch = (upload: ChunkUpload, sum: number) =>
  new SluiceError('too_large', {
    message: `the parts of ${upload.id} come to ${sum} bytes of ${upload.bytes}`,
    publicMessage: `The parts come to ${sum} bytes; ${upload.bytes} were announced.`,
  })
