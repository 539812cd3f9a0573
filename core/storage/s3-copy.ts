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
export async function copyInParts(copy: Copy & { partBytes: number }): Promise<void> {
  const { client, name: Bucket } = copy.bucket
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(target(copy)))
  const upload = { Bucket, Key: copy.to, UploadId }
  try {
    const Parts: CompletedPart[] = []
    for (let start = 0; start < copy.bytes; start += copy.partBytes) {
      const PartNumber = Parts.length + 1
      const CopySourceRange = `bytes=${start}-${Math.min(start + copy.partBytes, copy.bytes) - 1}`
      const part = { ...upload, PartNumber, CopySource: source(copy), CopySourceRange }
      const { CopyPartResult } = await client.send(new UploadPartCopyCommand(part))
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

const source = ({ bucket, from }: Copy) => `${bucket.name}/${encodeKey(from)}`
const target = ({ bucket, to, contentType, cacheControl }: Copy) => ({
  Bucket: bucket.name,
  Key: to,
  ContentType: contentType,
  CacheControl: cacheControl,
})
