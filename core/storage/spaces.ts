import { freeMemory } from './free-memory.ts'

/** Where blocks get their memory from. What is given back may be somebody else's in the next moment. */
export type Spaces = { take(bytes: number): Buffer; giveBack(space: Buffer): void }

/** Left to the collector: for blocks that somebody may hold for longer than we know. */
export const newSpaces: Spaces = { take: (bytes) => Buffer.allocUnsafe(bytes), giveBack: () => undefined }

/** Spaces of one size that go from body to body, a few of which wait for the next; those of other sizes are freed at once. */
export function recycledSpaces({ bytes, keep }: { bytes: number; keep: number }): Spaces {
  const kept: Buffer[] = []
  return {
    take: (wanted) => (wanted === bytes ? kept.pop() : undefined) ?? Buffer.allocUnsafeSlow(wanted),
    giveBack(space) {
      if (space.byteLength === bytes && kept.length < keep) kept.push(space)
      else freeMemory(space)
    },
  }
}
