const nothing = Buffer.alloc(0)
const leastSpace = 64 * 1024

/** Copies chunks into blocks, so that a body in tiny chunks costs no more memory than its bytes. Two blocks take turns: one fills while the other is stored. */
export function fillBlocks({ blockBytes, headBytes = 0 }: { blockBytes: number; headBytes?: number | undefined }) {
  let space: Buffer = nothing
  let spare: Buffer = nothing
  let head = headBytes
  let used = head
  let wanted = blockBytes
  /** Of a chunk that was larger than what the block could take. */
  let beyond: Uint8Array = nothing

  function add(chunk: Uint8Array) {
    const taken = Math.min(chunk.byteLength, wanted - used)
    if (space.byteLength < used + taken) space = enlarged(space.subarray(0, used), used + taken, wanted)
    space.set(chunk.subarray(0, taken), used)
    used += taken
    const rest = chunk.subarray(taken)
    if (rest.byteLength > 0) beyond = beyond.byteLength === 0 ? rest : Buffer.concat([beyond, rest])
  }

  return {
    add,
    isFull: () => used === wanted,
    /** What has gathered, good until it is asked for again. The next block fills with what did not fit into this one. */
    take(): Buffer {
      if (used === head) return nothing
      const block = space.subarray(0, used)
      ;[space, spare] = [spare, space]
      if (used === wanted) wanted = blockBytes
      else wanted -= used
      used = head = 0
      const rest = beyond
      beyond = nothing
      if (rest.byteLength > 0) add(rest)
      return block
    },
  }
}

function enlarged(held: Buffer, needed: number, most: number): Buffer {
  const larger = Buffer.allocUnsafe(Math.min(most, Math.max(needed, 2 * held.byteLength, leastSpace)))
  held.copy(larger)
  return larger
}
