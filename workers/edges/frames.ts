/** A message between a worker and a child of its own: a head in JSON, and bytes behind it. */
export type Frame = { head: unknown; bodies: Buffer[] }

/** The lengths of head and bodies. */
const prelude = 8

export function frameOf(head: object, bodies: readonly Uint8Array[] = []): Buffer {
  const text = Buffer.from(JSON.stringify({ ...head, sizes: bodies.map(({ length }) => length) }))
  const lengths = Buffer.alloc(prelude)
  lengths.writeUInt32LE(text.length, 0)
  lengths.writeUInt32LE(
    bodies.reduce((sum, { length }) => sum + length, 0),
    4,
  )
  return Buffer.concat([lengths, text, ...bodies])
}

/** Puts frames together from whatever pieces they come in. Throws at what is none, or larger than it may be. */
export function frameReader({ maxBytes, onFrame }: { maxBytes: number; onFrame: (frame: Frame) => void }) {
  let pieces: Buffer[] = []
  let held = 0
  let needed = prelude
  return (bytes: Buffer): void => {
    pieces.push(bytes)
    held += bytes.length
    while (held >= needed) {
      const whole = Buffer.concat(pieces)
      pieces = [whole]
      const [head, rest] = [whole.readUInt32LE(0), whole.readUInt32LE(4)]
      needed = prelude + head + rest
      if (needed > maxBytes) throw new RangeError(`a message of ${needed} bytes`)
      if (held < needed) return
      onFrame(parsed(whole.subarray(prelude, prelude + head), whole.subarray(prelude + head, needed)))
      pieces = [whole.subarray(needed)]
      held -= needed
      needed = prelude
    }
  }
}

function parsed(text: Buffer, bytes: Buffer): Frame {
  const head: unknown = JSON.parse(text.toString('utf8'))
  const sizes: unknown = typeof head === 'object' && head !== null && 'sizes' in head ? head.sizes : undefined
  const bodies: Buffer[] = []
  let at = 0
  for (const size of Array.isArray(sizes) ? sizes : []) {
    if (!Number.isSafeInteger(size) || size < 0) throw new RangeError('a body without a size')
    bodies.push(bytes.subarray(at, at + size))
    at += size
  }
  if (at !== bytes.length) throw new RangeError(`bodies of ${at} bytes, and ${bytes.length} came`)
  return { head, bodies }
}
