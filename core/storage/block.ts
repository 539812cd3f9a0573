import type { Spaces } from './spaces.ts'

const nothing = Buffer.alloc(0)
const leastSpace = 64 * 1024

type Options = {
  blockBytes: number
  headBytes?: number | undefined
  spaces: Spaces
  /** Hears of each chunk once all of it is copied. */
  onCopied?: ((chunk: Uint8Array) => void) | undefined
}

/** Copies chunks into blocks, so that a body in tiny chunks costs no more memory than its bytes. Two blocks take turns: one fills while the other is stored. */
export function fillBlocks({ blockBytes, headBytes = 0, spaces, onCopied }: Options) {
  let space: Buffer = nothing
  let spare: Buffer = nothing
  let head = headBytes
  let used = head
  let wanted = blockBytes
  /** Of chunks that came when the block was full, or were larger than what it could take. */
  let beyond: { chunk: Uint8Array; from: number; to: number }[] = []

  function add(chunk: Uint8Array, from = 0, to = chunk.byteLength) {
    const taken = Math.min(to - from, wanted - used)
    if (space.byteLength < used + taken) enlarge(used + taken)
    space.set(chunk.subarray(from, from + taken), used)
    used += taken
    if (from + taken < to) beyond.push({ chunk, from: from + taken, to })
    else onCopied?.(chunk)
  }

  /** A body that comes slowly needs no more space than it fills. */
  function enlarge(needed: number) {
    const larger = spaces.take(Math.min(wanted, Math.max(needed, 2 * space.byteLength, leastSpace)))
    space.copy(larger, 0, 0, used)
    spaces.giveBack(space)
    space = larger
  }

  return {
    /** Of a chunk no more than `atMost` bytes. */
    add: (chunk: Uint8Array, atMost: number) => add(chunk, 0, Math.min(atMost, chunk.byteLength)),
    isFull: () => used === wanted,
    /** What has gathered, good until it is asked for again. The next block fills with what did not fit into this one. */
    take(): Buffer {
      if (used === head) return nothing
      const block = space.subarray(0, used)
      ;[space, spare] = [spare, space]
      if (used === wanted) wanted = blockBytes
      else wanted -= used
      used = head = 0
      const left = beyond
      beyond = []
      for (const { chunk, from, to } of left) add(chunk, from, to)
      return block
    },
    /** No block is looked at any more. */
    end() {
      spaces.giveBack(space)
      spaces.giveBack(spare)
      space = spare = nothing
    },
  }
}
