import { statfs } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { scratchFolder } from '../../core/scratch-folder.ts'
import { newCheckKey } from '../../core/storage/check.ts'
import { bytes } from '../amounts.ts'
import type { CliHouse } from '../with-house.ts'
import { type Finding, look } from './finding.ts'

const plain = { contentType: 'application/octet-stream', cacheControl: 'no-store' }
/** More than one part of a multipart upload. */
const largeBytes = 20 * 2 ** 20

export async function checkStore({ storage, config }: CliHouse): Promise<Finding[]> {
  const access =
    storage.driver === 's3'
      ? 'check S3_ENDPOINT, S3_BUCKET and the key; it needs to get, put, list and delete'
      : 'let this user write to STORAGE_DIR'
  const where = storage.driver === 's3' ? `s3://${config.S3_BUCKET}` : config.STORAGE_DIR
  const found = [
    await look('storage', access, async () => {
      await storage.check()
      return `${where}: written, read, deleted`
    }),
  ]
  if (found[0]?.is === 'good') found.push(await largeObject(storage), ...(await unsignedCopies(storage)))
  return found
}

/** Written in parts, read in a range, listed, deleted: all that media is done to. */
function largeObject(storage: CliHouse['storage']): Promise<Finding> {
  const key = newCheckKey('bin')
  return look('large objects', 'the store must take multipart uploads and answer ranges', async () => {
    const part = Buffer.alloc(2 ** 20, 7)
    const body = Readable.from(Array.from({ length: largeBytes / part.length }, () => part))
    try {
      await storage.put(key, body, plain)
      const range = { start: largeBytes - 5, end: largeBytes - 1 }
      const end = await buffer(await storage.get(key, { range }))
      if (!end.equals(part.subarray(0, 5))) throw new Error('a range read back differently')
      return `${bytes(largeBytes)} in parts, and a range of it`
    } finally {
      await storage.delete([key])
    }
  })
}

/** Whether an address for one part lets its holder copy another object. Then parts go through the API, and all else stays the same. */
async function unsignedCopies({ parts }: CliHouse['storage']): Promise<Finding[]> {
  if (parts === undefined) return []
  const what = 'direct uploads'
  const trusted = await parts.trusted().catch(() => undefined)
  if (trusted) return [{ what, is: 'good', says: 'the store refuses copies that nobody signed' }]
  const says =
    trusted === false ? 'the store copies what nobody signed: parts go through the API' : 'could not be tried'
  return [{ what, is: 'doubtful', says }]
}

export async function checkDisk({ config, storage }: CliHouse): Promise<Finding[]> {
  const folders = [...new Set([...(storage.driver === 'local' ? [config.STORAGE_DIR] : []), scratchFolder(config)])]
  const free = async (folder: string): Promise<Finding> => {
    const stats = await statfs(folder).catch(() => undefined)
    if (stats === undefined) return { what: 'disk', is: 'good', says: `${folder} is not made yet` }
    const left = stats.bavail * stats.bsize
    const says = `${bytes(left)} free at ${folder}`
    if (left > 10e9) return { what: 'disk', is: 'good', says }
    return {
      what: 'disk',
      is: left > 1e9 ? 'doubtful' : 'bad',
      says,
      remedy: 'free some: films want room while they are made',
    }
  }
  const room = await look('room', 'nothing is taken in until there is room', async () => {
    await storage.needRoom()
    return 'new bytes are taken'
  })
  return [...(await Promise.all(folders.map(free))), room]
}
