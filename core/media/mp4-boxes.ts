import { SluiceError } from '../errors.ts'

type Box = { type: string; body: DataView }

/** What one segment says of itself. Times are in ticks of the init segment's timescale. */
export type Fragment = { start: number; ticks: number; samples: number; startsWithKeyframe: boolean }
export type Init = { timescale: number; codec: string; width?: number; height?: number }

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
const part = (from: DataView, start: number, end: number) =>
  new DataView(from.buffer, from.byteOffset + start, end - start)
const invalid = (message: string) => new SluiceError('output_invalid', { message })

/** The boxes of one level, in order. A last box that is cut off is still given: of a segment only the front is read. */
function* boxes(within: DataView): Generator<Box> {
  for (let at = 0; at + 8 <= within.byteLength; ) {
    const size = within.getUint32(at)
    const type = String.fromCharCode(...[4, 5, 6, 7].map((n) => within.getUint8(at + n)))
    if (size < 8) throw invalid(`box ${type} has size ${size}`)
    yield { type, body: part(within, at + 8, Math.min(at + size, within.byteLength)) }
    at += size
  }
}

function find(within: DataView, ...path: string[]): DataView | undefined {
  const [type, ...rest] = path
  for (const box of boxes(within)) {
    if (box.type === type) return rest.length === 0 ? box.body : find(box.body, ...rest)
  }
  return undefined
}

function need(within: DataView, ...path: string[]): DataView {
  const found = find(within, ...path)
  if (!found) throw invalid(`no ${path.join('/')} in what the encoder wrote`)
  return found
}

/** Reads timescale and codec string from an init segment with one track. */
export function readInit(bytes: Uint8Array): Init {
  const trak = need(view(bytes), 'moov', 'trak')
  const mdhd = need(trak, 'mdia', 'mdhd')
  const timescale = mdhd.getUint32(mdhd.getUint8(0) === 1 ? 20 : 12)
  const stsd = need(trak, 'mdia', 'minf', 'stbl', 'stsd')
  const entries = part(stsd, 8, stsd.byteLength)
  const avc = find(entries, 'avc1')
  if (avc) {
    const avcC = need(part(avc, 78, avc.byteLength), 'avcC')
    const hex = [1, 2, 3].map((n) => avcC.getUint8(n).toString(16).padStart(2, '0')).join('')
    return { timescale, codec: `avc1.${hex}`, width: avc.getUint16(24), height: avc.getUint16(26) }
  }
  const sound = need(entries, 'mp4a')
  return { timescale, codec: `mp4a.40.${audioObjectType(need(part(sound, 28, sound.byteLength), 'esds'))}` }
}

/** The first five bits of the decoder's own configuration, which lies behind descriptors of variable length. */
function audioObjectType(esds: DataView): number {
  let at = 4
  const enter = (tag: number, skip: number) => {
    if (esds.getUint8(at) !== tag) throw invalid(`descriptor ${esds.getUint8(at)} in esds, ${tag} was expected`)
    at += 1
    while (esds.getUint8(at) & 0x80) at += 1
    at += 1 + skip
  }
  enter(3, 3)
  enter(4, 13)
  enter(5, 0)
  return esds.getUint8(at) >> 3
}

/** Reads what one segment holds; its front, up to the samples themselves, is enough. Undefined for one that holds nothing. */
export function readFragment(bytes: Uint8Array): Fragment | undefined {
  const traf = find(view(bytes), 'moof', 'traf')
  if (!traf) return undefined
  const tfdt = need(traf, 'tfdt')
  const start = tfdt.getUint8(0) === 1 ? Number(tfdt.getBigUint64(4)) : tfdt.getUint32(4)
  const defaults = readTfhd(need(traf, 'tfhd'))
  const runs = [...boxes(traf)].filter((box) => box.type === 'trun').map((box) => readTrun(box.body, defaults))
  const [first] = runs
  if (!first) throw invalid('a segment without samples')
  return {
    start,
    ticks: runs.reduce((sum, run) => sum + run.ticks, 0),
    samples: runs.reduce((sum, run) => sum + run.samples, 0),
    startsWithKeyframe: first.startsWithKeyframe,
  }
}

type Defaults = { duration: number; flags: number }

function readTfhd(tfhd: DataView): Defaults {
  const flags = tfhd.getUint32(0) & 0xffffff
  let at = 8
  if (flags & 0x1) at += 8
  if (flags & 0x2) at += 4
  const duration = flags & 0x8 ? tfhd.getUint32(at) : 0
  if (flags & 0x8) at += 4
  if (flags & 0x10) at += 4
  return { duration, flags: flags & 0x20 ? tfhd.getUint32(at) : 0 }
}

const nonSync = 0x10000

function readTrun(trun: DataView, defaults: Defaults) {
  const flags = trun.getUint32(0) & 0xffffff
  const samples = trun.getUint32(4)
  let at = 8
  if (flags & 0x1) at += 4
  let firstFlags = defaults.flags
  if (flags & 0x4) {
    firstFlags = trun.getUint32(at)
    at += 4
  }
  const [hasDuration, hasSize, hasFlags, hasOffset] = [0x100, 0x200, 0x400, 0x800].map((bit) => (flags & bit ? 4 : 0))
  const step = (hasDuration ?? 0) + (hasSize ?? 0) + (hasFlags ?? 0) + (hasOffset ?? 0)
  if (hasFlags && samples > 0) firstFlags = trun.getUint32(at + (hasDuration ?? 0) + (hasSize ?? 0))
  let ticks = hasDuration ? 0 : samples * defaults.duration
  if (hasDuration) for (let n = 0; n < samples; n++) ticks += trun.getUint32(at + n * step)
  return { samples, ticks, startsWithKeyframe: (firstFlags & nonSync) === 0 }
}
