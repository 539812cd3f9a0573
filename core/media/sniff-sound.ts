import type { Sniffed } from './sniff.ts'

const mp3 = { mime: 'audio/mpeg', extension: 'mp3', family: 'audio' } as const
const wav = { mime: 'audio/wav', extension: 'wav', family: 'audio' } as const
const w64 = { mime: 'audio/x-w64', extension: 'w64', family: 'audio' } as const

/** Sound that a look at the first bytes alone does not tell. */
export function sniffSound(head: Uint8Array): Sniffed | undefined {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength)
  const text = (from: number, to: number) => bytes.toString('latin1', from, to)
  // A tag with a large cover may hide the sound behind it; probing says what it really is.
  if (text(0, 3) === 'ID3') return mp3
  // What recorders write past four gigabytes.
  if (/^(RF64|BW64)$/.test(text(0, 4)) && text(8, 12) === 'WAVE') return wav
  if (text(0, 4) === 'riff' && text(24, 28) === 'wave') return w64
  return hasMpegFrames(bytes) ? mp3 : undefined
}

/** A stream that was cut in, or that has something in front: the first whole frame begins before this. */
const searched = 8192
/** One may be chance, four in a row are not. */
const framesInARow = 4

function hasMpegFrames(bytes: Buffer): boolean {
  for (let at = 0; at < Math.min(searched, bytes.length - 4); at++) {
    if (bytes[at] === 0xff && hasRun(bytes, at)) return true
  }
  return false
}

function hasRun(bytes: Buffer, first: number): boolean {
  let at = first
  for (let n = 0; n < framesInARow; n++) {
    const length = at + 4 <= bytes.length ? frameLength(bytes.readUInt32BE(at)) : undefined
    if (length === undefined) return false
    at += length
  }
  return true
}

// Kilobits a second and samples a second, by the numbers in a frame's header; 0 stands for a free or forbidden one.
const bitrates1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0]
const bitrates2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0]
const rates = [44_100, 48_000, 32_000, 0]

/** Of a frame of MPEG layer III with this header, in bytes. */
function frameLength(header: number): number | undefined {
  const version = (header >>> 19) & 3
  const layer = (header >>> 17) & 3
  if (header >>> 21 !== 0x7ff || version === 1 || layer !== 1) return undefined
  const isFirst = version === 3
  const bitrate = (isFirst ? bitrates1 : bitrates2)[(header >>> 12) & 15] ?? 0
  const rate = (rates[(header >>> 10) & 3] ?? 0) / (isFirst ? 1 : version === 2 ? 2 : 4)
  if (bitrate === 0 || rate === 0) return undefined
  return Math.floor(((isFirst ? 144_000 : 72_000) * bitrate) / rate) + ((header >>> 9) & 1)
}
