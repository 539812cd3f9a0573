/**
 * An init segment without its `udta` box, in which ffmpeg writes its own version: pieces of one track that different
 * versions made have the same init segment, byte for byte. Nothing in an init segment points past the box, so what
 * follows may move up.
 */
export function plainInit(bytes: Uint8Array): Uint8Array {
  const moov = boxesIn(bytes, 0, bytes.length).find(({ type }) => type === 'moov')
  const udta = moov && boxesIn(bytes, moov.start + 8, moov.end).find(({ type }) => type === 'udta')
  if (!udta) return bytes
  const size = udta.end - udta.start
  const plain = Buffer.concat([bytes.subarray(0, udta.start), bytes.subarray(udta.end)])
  plain.writeUInt32BE(moov.end - moov.start - size, moov.start)
  return plain
}

function boxesIn(bytes: Uint8Array, from: number, to: number): { type: string; start: number; end: number }[] {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const found = []
  for (let start = from; start + 8 <= to; ) {
    const end = start + Math.max(8, view.readUInt32BE(start))
    found.push({ type: view.toString('latin1', start + 4, start + 8), start, end: Math.min(end, to) })
    start = end
  }
  return found
}
