import type { Readable } from 'node:stream'
import { SluiceError } from '../errors.ts'
import type { AppendOptions, Grown, S3Growth } from './growing.ts'
import { takeIn } from './intake.ts'
import { progressTeller } from './progress-teller.ts'
import type { Bucket } from './s3-client.ts'
import { addCrumb, crumbBytes, crumbKey, readCrumbs } from './s3-crumbs.ts'
import { isAbsentUpload, storeError } from './s3-errors.ts'
import { deleteObjects } from './s3-list.ts'
import { uploadPart } from './s3-multipart.ts'

/** So many parts a writer may be ahead of what it was heard to have: who takes over from a lost one leaves these numbers to it. */
const partsAhead = 32

/** Leaves alone the part numbers that a lost writer may still have under way. */
const stepAside = (growth: S3Growth): S3Growth => ({ ...growth, nextPart: growth.nextPart + partsAhead })

/** Uploads what the body brings: whole parts as they fill, the rest as a small object. One part is under way while the next one fills. */
export async function appendToS3(options: {
  bucket: Bucket
  growth: S3Growth
  body: Readable
  options: AppendOptions
}): Promise<Grown> {
  const { bucket, body } = options
  const { signal, maxBytes, onSafe, ownsChunks, fresh = false } = options.options
  let safe = fresh ? stepAside(options.growth) : options.growth
  let fault: { reason: unknown } | undefined
  let heardOf = safe.nextPart
  const { partBytes: blockBytes, key } = safe
  const intake = takeIn(body, { blockBytes, headBytes: crumbBytes(safe), maxBytes, signal, ownsChunks })
  const teller = progressTeller({ onSafe, takeStock: () => safe, stop: intake.stop })
  try {
    for await (const block of intake.blocks) {
      safe = await store(bucket, await dropSpent(bucket, safe, options.growth), block)
      teller.stir()
      if (safe.nextPart - heardOf < partsAhead) continue
      await teller.now()
      heardOf = safe.nextPart
    }
  } catch (error) {
    fault = {
      reason: isAbsentUpload(error)
        ? new SluiceError('not_found', { message: `the multipart upload of ${key} is over` })
        : storeError(error, key),
    }
  }
  await teller.end()
  const failure = fault ?? intake.failure()
  return failure ? { growth: safe, failure: failure.reason } : { growth: safe }
}

/** A block has room for the crumbs at its beginning, so that a part is never copied together. */
async function store(bucket: Bucket, growth: S3Growth, block: Buffer): Promise<S3Growth> {
  const { crumbs, spent, partBytes } = growth
  const came = block.subarray(crumbBytes(growth))
  const bytes = growth.bytes + came.byteLength
  if (block.byteLength < partBytes) return { ...(await addCrumb(bucket, growth, came)), bytes }
  await readCrumbs(bucket, growth, block)
  const uploaded = await uploadPart(bucket, growth, block)
  return { ...uploaded, bytes, crumbs: [], spent: [...spent, ...crumbs.map(({ name }) => name)] }
}

/** What was spent when this growth was handed to us is of use to nobody, since it came from the row. What we spend ourselves may still be. */
async function dropSpent(bucket: Bucket, growth: S3Growth, heard: S3Growth): Promise<S3Growth> {
  const old = new Set(heard.spent)
  if (!growth.spent.some((name) => old.has(name))) return growth
  await deleteObjects(
    bucket,
    heard.spent.map((name) => crumbKey(growth, name)),
  )
  return { ...growth, spent: growth.spent.filter((name) => !old.has(name)) }
}
