import { type FileHandle, open } from 'node:fs/promises'
import { SluiceError } from '../../core/errors.ts'
import { type Box, boxHead, refuseBadIndex, samplesOfFragment } from '../../core/media/mp4-index.ts'

const beginnings = new Set(['ftyp', 'styp', 'moov', 'mdat', 'free', 'skip', 'wide', 'pnot', 'uuid'])
/** Twelve hours of the busiest film have an index a quarter of this size. */
const maxIndexBytes = 64 * 2 ** 20
const maxBoxes = 1_000
/** Twelve hours of film and sound have a fifth of these; a reader takes 24 bytes for each. */
const maxSamples = 20_000_000

/**
 * Looks at an MP4's own index before ffmpeg does: refuses what is encrypted or absurd, and tells whether the media breaks
 * off before its index says. Anything else than MP4 is none of its business.
 */
export async function lookAtMp4(path: string): Promise<{ cutShort: boolean }> {
  await using file = await open(path)
  const { size } = await file.stat()
  let cutShort = false
  let samples = 0
  let fragments = false
  let empty = true
  for (let n = 0, at = 0; at < size; n++) {
    if (n === maxBoxes && empty) throw new SluiceError('corrupt_media', { message: `${n} boxes, and no media in them` })
    if (n === maxBoxes) break
    const box = boxHead({ head: await read(file, at, Math.min(16, size - at)), at, limit: size })
    if (!box || (n === 0 && !beginnings.has(box.type))) break
    if (box.type === 'moov') samples += refuseBadIndex(await bodyOf(file, box)).samples
    // Each has an index of its own, and the list of them may have no end: the first are looked at.
    if (box.type === 'moof') samples += samplesOfFragment(await bodyOf(file, box))
    if (samples > maxSamples) throw unsafe(`an index of ${samples} samples`)
    fragments ||= box.type === 'moof'
    empty &&= !/^(moov|moof|mdat)$/.test(box.type)
    if (box.type === 'mdat' && !fragments && box.declaredEnd > size) cutShort = true
    at = box.declaredEnd
  }
  return { cutShort }
}

async function bodyOf(file: FileHandle, { type, start, end }: Box): Promise<Uint8Array> {
  if (end - start > maxIndexBytes) throw unsafe(`${type} has ${end - start} bytes`)
  const body = await read(file, start, end - start)
  return new Uint8Array(body.buffer, body.byteOffset, body.byteLength)
}

const unsafe = (message: string) => new SluiceError('unsafe_media', { message })

async function read(file: FileHandle, position: number, length: number): Promise<DataView> {
  const wanted = Math.max(0, length)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(wanted), 0, wanted, position)
  return new DataView(buffer.buffer, buffer.byteOffset, bytesRead)
}
