import { totalmem } from 'node:os'
import type { MemoryGate } from './memory-gate.ts'
import type { Chore } from './upkeep/timetable.ts'

/** The rest is for the processes themselves, the database beside them, and the pages that make disks quick. */
const forWork = 0.7

/** What the work of one worker may take, of what its workers share here: the machine's memory, or as much as its container may have. */
export function memoryShare({
  total = totalmem(),
  constrained = process.constrainedMemory(),
  workers,
}: {
  total?: number
  constrained?: number
  workers: number
}): number {
  // Without a limit Node says 0, or more than any machine has.
  const there = constrained > 0 ? Math.min(total, constrained) : total
  return Math.floor((there * forWork) / Math.max(1, workers))
}

/** Workers of a machine come and go: each takes its share of what there is among those that live. */
export const sharing = ({ memory, workers }: { memory: MemoryGate; workers: () => Promise<number> }): Chore => ({
  name: 'memory-share',
  everyMs: 10_000,
  run: async () => memory.resize(memoryShare({ workers: await workers() })),
})
