import { createHash, type Hash } from 'node:crypto'

/** The SHA-256 of uploads as far as this process has seen all their bytes from the first on. */
export type Digests = {
  /** Hashing that may go on from here; undefined where bytes before were seen by nobody, or by somebody else. */
  take(upload: { id: string; offset: number }): Hash | undefined
  keep(upload: { id: string; offset: number }, hash: Hash): void
}

/** Past this many, those that were not gone on with for longest are forgotten: a task reads their source again. */
const atMost = 2_000

export function openDigests(): Digests {
  const states = new Map<string, { offset: number; hash: Hash }>()
  return {
    take({ id, offset }) {
      if (offset === 0) return createHash('sha256')
      const state = states.get(id)
      states.delete(id)
      return state?.offset === offset ? state.hash : undefined
    },
    keep({ id, offset }, hash) {
      states.set(id, { offset, hash })
      const [oldest] = states.size > atMost ? states.keys() : []
      if (oldest !== undefined) states.delete(oldest)
    },
  }
}
