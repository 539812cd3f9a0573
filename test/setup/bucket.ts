import { randomUUID } from 'node:crypto'
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  ListMultipartUploadsCommand,
  PutBucketPolicyCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { expect, inject } from 'vitest'
import { openS3Storage } from '../../core/storage/s3.ts'
import { atEnd } from './at-end.ts'

/** A bucket of its own, of which anybody may read all, or what docs/deployment.md opens; emptied and removed at the end, when no upload may be left open. */
export async function testBucket({ open = '*' }: { open?: '*' | '*/*/g*/*' } = {}): Promise<Record<string, string>> {
  const { endpoint, region, accessKeyId, secretAccessKey } = inject('s3')
  const Bucket = `sluice-test-${randomUUID()}`
  const admin = new S3Client({ endpoint, region, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } })
  await admin.send(new CreateBucketCommand({ Bucket }))
  const read = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/${open}` }
  await admin.send(
    new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: '2012-10-17', Statement: [read] }) }),
  )
  atEnd(async () => {
    const { Uploads = [] } = await admin.send(new ListMultipartUploadsCommand({ Bucket }))
    expect(Uploads.map(({ Key }) => Key)).toEqual([])
    const storage = openS3Storage({
      driver: 's3',
      bucket: Bucket,
      endpoint,
      region,
      accessKeyId,
      secretAccessKey,
      forcePathStyle: true,
    })
    const keys: string[] = []
    for await (const { key } of storage.list('')) keys.push(key)
    await storage.delete(keys)
    await storage.close()
    await admin.send(new DeleteBucketCommand({ Bucket }))
    admin.destroy()
  })
  return {
    STORAGE: 's3',
    S3_BUCKET: Bucket,
    S3_ENDPOINT: endpoint,
    S3_REGION: region,
    S3_ACCESS_KEY_ID: accessKeyId,
    S3_SECRET_ACCESS_KEY: secretAccessKey,
  }
}
