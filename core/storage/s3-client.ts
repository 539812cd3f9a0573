import { S3Client } from '@aws-sdk/client-s3'

export type S3Settings = {
  driver: 's3'
  bucket: string
  region: string
  endpoint?: string | undefined
  accessKeyId?: string | undefined
  secretAccessKey?: string | undefined
  forcePathStyle: boolean
  publicUrl?: string | undefined
  /** How long one request may take: to connect, without a byte, and until its answer begins. */
  patience?: Patience
}

type Patience = { connectMs: number; silenceMs: number; answerMs: number }
const usualPatience: Patience = { connectMs: 5_000, silenceMs: 30_000, answerMs: 120_000 }

/** One bucket and the way to it: what every S3 statement needs. */
export type Bucket = { client: S3Client; name: string }

/** A client that gives up: no call waits for ever on a store that hangs, none is repeated more than twice. */
export function openBucket(settings: S3Settings): Bucket {
  const { accessKeyId, secretAccessKey, endpoint, patience = usualPatience } = settings
  const client = new S3Client({
    region: settings.region,
    forcePathStyle: settings.forcePathStyle,
    ...(endpoint ? { endpoint } : {}),
    ...(accessKeyId && secretAccessKey ? { credentials: { accessKeyId, secretAccessKey } } : {}),
    // Stores other than AWS corrupt or refuse the checksums that newer SDKs add by default.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 3,
    requestHandler: {
      connectionTimeout: patience.connectMs,
      socketTimeout: patience.silenceMs,
      requestTimeout: patience.answerMs,
      throwOnRequestTimeout: true,
      httpAgent: { keepAlive: true, maxSockets: 64 },
      httpsAgent: { keepAlive: true, maxSockets: 64 },
    },
  })
  return { client, name: settings.bucket }
}
