import { SluiceError } from '../../core/errors.ts'
import type { StoredPart } from '../../core/storage/parts.ts'
import { invalid } from '../parse.ts'
import { tooMuch } from './part-addresses.ts'
import type { ChunkUpload } from './the-upload.ts'

export type ListedPart = { partNumber: number; etag: string }

/** Holds the client's list to what is there, and the whole to what was announced. */
export function checkParts(upload: ChunkUpload, listed: ListedPart[], there: StoredPart[]): void {
  const held = new Map(there.map((part) => [part.partNumber, part]))
  let before = 0
  let sum = 0
  const absent: number[] = []
  for (const [at, { partNumber, etag }] of listed.entries()) {
    if (partNumber <= before) throw invalid([{ path: `parts.${at}.partNumber`, message: 'they want to be in order' }])
    before = partNumber
    const part = held.get(partNumber)
    if (part === undefined) absent.push(partNumber)
    else if (bare(part.etag) !== bare(etag))
      throw invalid([{ path: `parts.${at}.etag`, message: 'is not that of the part which came last' }])
    sum += part?.bytes ?? 0
  }
  if (absent.length > 0) throw incomplete(`Parts that have not come: ${absent.slice(0, 20).join(', ')}.`)
  if (sum > upload.bytes) throw tooMuch(upload, sum)
  if (sum < upload.bytes) throw incomplete(`The parts come to ${sum} bytes; ${upload.bytes} were announced.`)
}

/** Clients lose the quotes on the way. */
const bare = (etag: string) => etag.replace(/^"|"$/g, '')

const incomplete = (publicMessage: string) =>
  new SluiceError('upload_incomplete', { message: publicMessage, publicMessage })
