/** The numbers that HEIF and AVIF name a colour space by (ISO/IEC 23091-2). */
export type Nclx = { primaries: number; transfer: number }

/** As phones have it: the primaries of Display P3, under a curve that is not one of HDR. */
export const isDisplayP3 = (colour: Nclx | undefined): boolean =>
  colour !== undefined && colour.primaries === 12 && colour.transfer !== 16 && colour.transfer !== 18

const word = (bytes: Buffer, at: number) => bytes.toString('latin1', at, at + 4)

/** The first colour numbers in the header of a HEIF or AVIF file. A file that is built otherwise has none, and is read as sRGB. */
export function heifColour(bytes: Buffer): Nclx | undefined {
  const properties = inside({ bytes, path: ['meta', 'iprp', 'ipco'] })
  for (const { type, start, end } of properties ? boxes(properties) : []) {
    if (type !== 'colr' || end - start < 8 || word(bytes, start) !== 'nclx') continue
    return { primaries: bytes.readUInt16BE(start + 4), transfer: bytes.readUInt16BE(start + 6) }
  }
  return undefined
}

/** The longest side that any picture in a HEIF or AVIF file says it has; 0 where none says. */
export function heifLongestSide(bytes: Buffer): number {
  const properties = inside({ bytes, path: ['meta', 'iprp', 'ipco'] })
  let longest = 0
  for (const { type, start, end } of properties ? boxes(properties) : [])
    if (type === 'ispe' && end - start >= 12)
      longest = Math.max(longest, bytes.readUInt32BE(start + 4), bytes.readUInt32BE(start + 8))
  return longest
}

type Span = { bytes: Buffer; start: number; end: number }

function inside({ bytes, path }: { bytes: Buffer; path: string[] }): Span | undefined {
  let span: Span | undefined = { bytes, start: 0, end: bytes.length }
  for (const name of path) {
    const found: Span | undefined = span && [...boxes(span)].find(({ type }) => type === name)
    // `meta` has a version and flags before its boxes.
    span = found && { ...found, start: found.start + (name === 'meta' ? 4 : 0) }
  }
  return span
}

/** Whether no box of the file runs past its end, as the last one of a file that broke off does. */
export function heifIsWhole(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; ) {
    if (at + 8 > bytes.length) return false
    const size = bytes.readUInt32BE(at)
    // 0 means: to the end of the file. 1: the size has 64 bits, and follows.
    if (size === 0) return true
    if (size === 1 && at + 16 > bytes.length) return false
    const length = size === 1 ? Number(bytes.readBigUInt64BE(at + 8)) : size
    if (length < 8 || at + length > bytes.length) return false
    at += length
  }
  return true
}

/** The boxes side by side in a span; they end where one does not fit. */
function* boxes({ bytes, start, end }: Span): Generator<Span & { type: string }> {
  for (let at = start; at + 8 <= end; ) {
    const size = bytes.readUInt32BE(at)
    if (size < 8 || at + size > end) return
    yield { bytes, type: word(bytes, at + 4), start: at + 8, end: at + size }
    at += size
  }
}
