import { writeFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'

type Moved = {
  /** Whose session it is. */
  pid: number
  nice: number
  isGone(): boolean
  write?: (file: string, text: string) => Promise<void>
  againMs?: number
}

const triesAtMost = 50

/**
 * How far a child's whole session stands back. Linux shares the processor among sessions first, and each child has one of
 * its own: what `nice` says counts only inside it. Whoever is not root may move one session in a tenth of a second, of
 * all on the machine; who comes in between asks again.
 */
export async function moveSession({ pid, nice, isGone, write = writeFile, againMs = 110 }: Moved): Promise<void> {
  for (let tries = 0; tries < triesAtMost && !isGone(); tries++) {
    try {
      return await write(`/proc/${pid}/autogroup`, String(nice))
    } catch (error) {
      // Where the kernel has no such groups, or lets nobody touch them, all are alike.
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) return
    }
    // Not all at the same moment again.
    await wait(againMs * (1 + Math.random()), undefined, { ref: false })
  }
}
