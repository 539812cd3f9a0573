import type { Logger } from '../../core/logger.ts'

export type Chore = { name: string; everyMs: number; run: () => Promise<unknown> }

/** Runs each chore at its pace, never twice at once; one that fails is logged and comes round again. */
export function startTimetable({ chores, log }: { chores: Chore[]; log: Logger }): { stop(): Promise<void> } {
  const ending = new AbortController()
  const rounds = chores.map(async (chore) => {
    while (!ending.signal.aborted) {
      try {
        await chore.run()
      } catch (err) {
        log.warn({ err, chore: chore.name }, 'a chore failed; it comes round again')
      }
      await pause(chore.everyMs, ending.signal)
    }
  })
  return {
    async stop() {
      ending.abort()
      await Promise.all(rounds)
    },
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
    if (signal.aborted) done()
  })
}
