import type { Dispatcher } from 'undici'

/** An answer that may be the file, or the rest of it. Whoever gets it reads or destroys its body. */
export type Found = {
  status: number
  url: URL
  headers: Dispatcher.ResponseData['headers']
  body: Dispatcher.ResponseData['body']
}

/** The rest of a file of which the first bytes are here. */
export type Part = { from: number; etag: string }

/** What was received so far is of no use: the file is sent from its first byte again, in an answer that is here already or in a new one. */
export class StartOver extends Error {
  override readonly name = 'StartOver'
  readonly found: Found | undefined
  constructor(options: { cause: Error; found?: Found }) {
    super('the file is to be fetched from its first byte', { cause: options.cause })
    this.found = options.found
  }
}

/** A header that came once; of one that came twice, nothing is known. */
export const oneOf = (headers: Found['headers'], name: string) =>
  typeof headers[name] === 'string' ? headers[name] : undefined

/** What Content-Length promises. */
export function lengthOf(headers: Found['headers']): number | undefined {
  const length = oneOf(headers, 'content-length')
  return length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : undefined
}
