import { SluiceError } from '../errors.ts'

/** A stranger's box: nothing in it is believed but where it lies. */
export type Box = { type: string; start: number; end: number; declaredEnd: number }

const typeAt = (bytes: DataView, at: number) => String.fromCharCode(...[4, 5, 6, 7].map((n) => bytes.getUint8(at + n)))

/** The head of a box, where one begins; undefined for what cannot be one. `limit` is where its surroundings end. */
export function boxHead(options: { head: DataView; at: number; limit: number }): Box | undefined {
  const { head, at, limit } = options
  if (head.byteLength < 8) return undefined
  const short = head.getUint32(0)
  const large = short === 1
  if (large && head.byteLength < 16) return undefined
  const size = large ? Number(head.getBigUint64(8)) : short === 0 ? limit - at : short
  if (size < (large ? 16 : 8)) return undefined
  const declaredEnd = at + size
  return { type: typeAt(head, 0), start: at + (large ? 16 : 8), end: Math.min(declaredEnd, limit), declaredEnd }
}

function* boxesIn(bytes: DataView, from: number, limit: number): Generator<Box> {
  for (let at = from; at + 8 <= limit; ) {
    const head = new DataView(bytes.buffer, bytes.byteOffset + at, Math.min(16, limit - at))
    const box = boxHead({ head, at, limit })
    if (!box) return
    yield box
    at = box.declaredEnd
  }
}

/** Sample entries of streams that are locked: by common encryption, or by Apple's older way. */
const locked = /^(enc[vatsm]|drm[is])$/
/** Tables of the index: where the number of entries stands in each, and how long an entry is. */
const tables: Record<string, { count: number; entry: number }> = {
  stts: { count: 4, entry: 8 },
  ctts: { count: 4, entry: 8 },
  stss: { count: 4, entry: 4 },
  stsc: { count: 4, entry: 12 },
  stco: { count: 4, entry: 4 },
  co64: { count: 4, entry: 8 },
  stsz: { count: 8, entry: 4 },
}

/**
 * Refuses, from the body of its `moov` alone, a file that is encrypted, which ffmpeg hides behind the codec's own name,
 * and one whose index claims more entries than it has bytes for, which makes readers reserve memory for them.
 * What it gives is the samples that need no bytes in the index: readers keep an entry for each of them all the same.
 */
export function refuseBadIndex(moov: Uint8Array): { samples: number } {
  const bytes = new DataView(moov.buffer, moov.byteOffset, moov.byteLength)
  let samples = 0
  for (const { type, start, end } of boxesIn(bytes, 0, bytes.byteLength)) {
    if (type === 'cmov')
      throw new SluiceError('unsupported_container', { message: 'a packed index, as QuickTime had before 2000' })
    if (type !== 'trak') continue
    const tables = [...boxesAt(bytes, { start, end }, ['mdia', 'minf', 'stbl'])]
    for (const box of tables) judge(bytes, box)
    samples += inTicks(bytes, { start, end }, tables) ? 0 : samplesOfOneSize(bytes, tables)
  }
  return { samples }
}

type Span = Pick<Box, 'start' | 'end'>

/** Everything inside the boxes on this path, however many of a name there are. */
function* boxesAt(bytes: DataView, { start, end }: Span, path: readonly string[]): Generator<Box> {
  const [next, ...rest] = path
  for (const box of boxesIn(bytes, start, end)) {
    if (next === undefined) yield box
    else if (box.type === next) yield* boxesAt(bytes, box, rest)
  }
}

/** Sound in single ticks, of which readers keep the chunks and not each sample; nothing in it may be told twice. */
function inTicks(bytes: DataView, track: Span, tables: readonly Box[]): boolean {
  const [handler, ...others] = [...boxesAt(bytes, track, ['mdia'])].filter(({ type }) => type === 'hdlr')
  const [times, ...more] = tables.filter(({ type }) => type === 'stts')
  if (!handler || !times || others.length + more.length > 0) return false
  if (handler.start + 12 > handler.end || times.start + 16 > times.end) return false
  const isSound = bytes.getUint32(handler.start + 8) === 0x736f_756e
  return isSound && bytes.getUint32(times.start + 4) === 1 && bytes.getUint32(times.start + 12) === 1
}

/** Samples that are all of one size stand in no table. */
function samplesOfOneSize(bytes: DataView, tables: readonly Box[]): number {
  const sizes = tables.filter(({ type, start, end }) => type === 'stsz' && start + 12 <= end)
  return sizes.reduce((sum, { start }) => sum + (bytes.getUint32(start + 4) > 0 ? bytes.getUint32(start + 8) : 0), 0)
}

/** How many samples the runs of a fragment claim; a run may say no more of them than how many they are. */
export function samplesOfFragment(moof: Uint8Array): number {
  const bytes = new DataView(moof.buffer, moof.byteOffset, moof.byteLength)
  let samples = 0
  for (const traf of boxesIn(bytes, 0, bytes.byteLength))
    for (const { type, start, end } of traf.type === 'traf' ? boxesIn(bytes, traf.start, traf.end) : [])
      if (type === 'trun' && start + 8 <= end) samples += bytes.getUint32(start + 4)
  return samples
}

function judge(bytes: DataView, { type, start, end }: Box): void {
  if (type === 'stsd')
    for (const entry of boxesIn(bytes, start + 8, end))
      if (locked.test(entry.type))
        throw new SluiceError('encrypted_media', { message: `a sample entry is ${entry.type}` })
  const table = tables[type]
  if (table === undefined || start + table.count + 4 > end) return
  const claimed = bytes.getUint32(start + table.count)
  // Samples that are all of one size need no table.
  const isTable = type !== 'stsz' || bytes.getUint32(start + 4) === 0
  const room = Math.floor((end - start - table.count - 4) / table.entry)
  if (isTable && claimed > room)
    throw new SluiceError('corrupt_media', { message: `${type} claims ${claimed} entries and has room for ${room}` })
}
