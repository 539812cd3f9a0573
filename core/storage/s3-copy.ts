import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import { SluiceError } from '../errors.ts'
import { encodeKey } from './keys.ts'
import type { Bucket } from './s3-client.ts'
import type { ByteRange } from './storage.ts'

type Copy = { bucket: Bucket; from: string; to: string; bytes: number; contentType: string; cacheControl: string }

/** S3 copies no more than this in one request. */
const copyAtOnce = 5 * 1024 ** 3
const copyPart = 1024 ** 3

/** Copies within the store. Type and cache header are set anew, since they belong to the key. */
export async function copyObject(copy: Copy): Promise<void> {
  if (copy.bytes > copyAtOnce) return copyInParts({ ...copy, partBytes: copyPart })
  await copy.bucket.client.send(
    new CopyObjectCommand({ ...target(copy), CopySource: source(copy), MetadataDirective: 'REPLACE' }),
  )
}

/** The same for what is too large for one request; a copy that fails leaves no parts behind. */
export const copyInParts = ({ bytes, partBytes, ...copy }: Copy & { partBytes: number }) =>
  copyRanges({ ...copy, partBytes, ranges: [{ start: 0, end: bytes - 1 }] })

/** Copies some bytes of an object, in order. With `ifMatch` of that object alone, and not of one that took its place. */
export async function copyRanges(
  copy: Omit<Copy, 'bytes'> & { ranges: ByteRange[]; partBytes?: number; ifMatch?: string | undefined },
): Promise<void> {
  const { client, name: Bucket } = copy.bucket
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(target(copy)))
  const upload = { Bucket, Key: copy.to, UploadId }
  try {
    const Parts: CompletedPart[] = []
    for (const { start, end } of copy.ranges.flatMap((range) => piecesOf(range, copy.partBytes ?? copyPart))) {
      const PartNumber = Parts.length + 1
      const from = {
        CopySource: source(copy),
        CopySourceRange: `bytes=${start}-${end}`,
        CopySourceIfMatch: copy.ifMatch,
      }
      const { CopyPartResult } = await client.send(new UploadPartCopyCommand({ ...upload, PartNumber, ...from }))
      if (!CopyPartResult?.ETag)
        throw new SluiceError('storage_unavailable', { message: `no ETag for part ${PartNumber} of ${copy.to}` })
      Parts.push({ PartNumber, ETag: CopyPartResult.ETag })
    }
    await client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }))
  } catch (error) {
    await client.send(new AbortMultipartUploadCommand(upload))
    throw error
  }
}

const piecesOf = (range: ByteRange, most: number) =>
  Array.from({ length: Math.ceil((range.end + 1 - range.start) / most) }, (_, index) => {
    const start = range.start + index * most
    return { start, end: Math.min(start + most - 1, range.end) }
  })

const source = ({ bucket, from }: Pick<Copy, 'bucket' | 'from'>) => `${bucket.name}/${encodeKey(from)}`
const target = ({ bucket, to, contentType, cacheControl }: Omit<Copy, 'bytes'>) => ({
  Bucket: bucket.name,
  Key: to,
  ContentType: contentType,
  CacheControl: cacheControl,
})
