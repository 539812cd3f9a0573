/** Lets work in while there is room for it. */
export type MemoryGate = {
  /** Waits for room, and answers with the way to give it back. Whoever came first goes first, however large. */
  enter(wish: { bytes: number; signal: AbortSignal }): Promise<() => void>
  /** How much there is to share out from now on; what is inside stays. */
  resize(capacity: number): void
  readonly used: number
  readonly waiting: number
}

type Waiter = { bytes: number; go(): void }

/** First come, first served: large work is not overtaken for ever by small. What is larger than all there is runs alone. */
export function memoryGate({ capacity }: { capacity: number }): MemoryGate {
  const queue: Waiter[] = []
  let room = capacity
  let used = 0

  function letIn(): void {
    for (let next = queue[0]; next && (used === 0 || used + next.bytes <= room); next = queue[0]) {
      queue.shift()
      used += next.bytes
      next.go()
    }
  }

  function giveBack(bytes: number): () => void {
    let given = false
    return () => {
      if (given) return
      given = true
      used -= bytes
      letIn()
    }
  }

  return {
    async enter({ bytes, signal }) {
      signal.throwIfAborted()
      const turn = Promise.withResolvers<() => void>()
      const waiter: Waiter = { bytes, go: () => turn.resolve(giveBack(bytes)) }
      const leave = () => {
        const at = queue.indexOf(waiter)
        if (at === -1) return
        queue.splice(at, 1)
        turn.reject(signal.reason)
        letIn()
      }
      signal.addEventListener('abort', leave)
      queue.push(waiter)
      letIn()
      try {
        return await turn.promise
      } finally {
        signal.removeEventListener('abort', leave)
      }
    },
    resize(capacity) {
      room = capacity
      letIn()
    },
    get used() {
      return used
    },
    get waiting() {
      return queue.length
    },
  }
}
