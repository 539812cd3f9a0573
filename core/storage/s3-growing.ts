import { randomBytes } from 'node:crypto'
import { SluiceError } from '../errors.ts'
import { type BeginOptions, type Growing, type Growth, parseGrowth, type S3Growth } from './growing.ts'
import { checkKey } from './keys.ts'
import { appendToS3 } from './s3-append.ts'
import type { Bucket } from './s3-client.ts'
import { crumbFolder } from './s3-crumbs.ts'
import { inOurWords } from './s3-errors.ts'
import { deleteFolder } from './s3-list.ts'
import { abortUploadsAt } from './s3-multipart.ts'
import { dropHalfBuilt } from './s3-rebuild.ts'
import { sealOnS3 } from './s3-seal.ts'

const MiB = 1024 * 1024
const defaultAtMost = 100 * 1024 * MiB
const leastPartBytes = 8 * MiB
// Of the 10,000 numbers there are; those left over are for writers that were lost.
const partsPlanned = 8_000

/** All parts but the last are equal, as some stores demand, so the most that may come decides their size from the start. */
const partBytesFor = (atMost: number) => Math.max(leastPartBytes, Math.ceil(atMost / partsPlanned / MiB) * MiB)

/** Objects that grow in a bucket: as a multipart upload at their key, and small objects beside it for what does not fill a part yet. */
export function growOnS3(bucket: Bucket): Growing {
  return {
    begin: async (key, options) => begin(checkKey(key), options),
    append: async (growth, body, options = {}) => appendToS3({ bucket, growth: own(growth), body, options }),
    async seal(growth) {
      const grown = own(growth)
      const sealed = await inOurWords(grown.key, sealOnS3(bucket, grown))
      await inOurWords(grown.key, abortUploadsAt(bucket, grown.key))
      await deleteFolder(bucket, crumbFolder(grown))
      return sealed
    },
    async discard(growth) {
      const grown = own(growth)
      await inOurWords(grown.key, abortUploadsAt(bucket, grown.key))
      await inOurWords(grown.key, dropHalfBuilt(bucket, grown))
      await deleteFolder(bucket, crumbFolder(grown))
    },
  }
}

/** Asks the store for nothing yet: small objects never need more than their bytes. */
const begin = (key: string, { contentType, cacheControl, atMost = defaultAtMost }: BeginOptions): S3Growth => ({
  driver: 's3',
  key,
  bytes: 0,
  id: randomBytes(16).toString('hex'),
  contentType,
  cacheControl,
  partBytes: partBytesFor(atMost),
  parts: [],
  nextPart: 1,
  crumbs: [],
  spent: [],
})

function own(growth: Growth): S3Growth {
  const checked = parseGrowth(growth)
  if (checked.driver === 's3') return checked
  throw new SluiceError('not_found', { message: `${checked.key} grows in another store` })
}
