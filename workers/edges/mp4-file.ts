import { type FileHandle, open } from 'node:fs/promises'
import { boxHead, refuseBadIndex } from '../../core/media/mp4-index.ts'

const beginnings = new Set(['ftyp', 'styp', 'moov', 'mdat', 'free', 'skip', 'wide', 'pnot', 'uuid'])
/** Twelve hours of the busiest film have an index a quarter of this size. */
const maxIndexBytes = 64 * 2 ** 20
const maxBoxes = 1_000

/**
 * Looks at an MP4's own index before ffmpeg does: refuses what is encrypted or absurd, and tells whether the media breaks
 * off before its index says. Anything else than MP4 is none of its business.
 */
export async function lookAtMp4(path: string): Promise<{ cutShort: boolean }> {
  await using file = await open(path)
  const { size } = await file.stat()
  let cutShort = false
  let at = 0
  for (let n = 0; n < maxBoxes; n++) {
    const box = boxHead({ head: await read(file, at, Math.min(16, size - at)), at, limit: size })
    if (!box || (n === 0 && !beginnings.has(box.type))) break
    // In fragments, each has an index of its own, and the list of boxes has no end.
    if (box.type === 'moof') break
    if (box.type === 'moov' && box.end - box.start <= maxIndexBytes) {
      const body = await read(file, box.start, box.end - box.start)
      refuseBadIndex(new Uint8Array(body.buffer, body.byteOffset, body.byteLength))
    }
    if (box.type === 'mdat' && box.declaredEnd > size) cutShort = true
    at = box.declaredEnd
  }
  return { cutShort }
}

async function read(file: FileHandle, position: number, length: number): Promise<DataView> {
  const wanted = Math.max(0, length)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(wanted), 0, wanted, position)
  return new DataView(buffer.buffer, buffer.byteOffset, bytesRead)
}
