import { setTimeout as pause } from 'node:timers/promises'
import { databaseAway, isDatabaseAway } from '../../core/db/away.ts'
import { asSluiceError, type SluiceError } from '../../core/errors.ts'
import { openRounds, type Rounds, type RunEnd } from './rounds.ts'

type Run = Rounds & {
  /** Hears what keeps it from getting on, and for how long it rests now. */
  onTrouble: (error: SluiceError, restMs: number) => void
}

const longestRestMs = 60_000

/**
 * Begins one asset after the other, as many at once as wished, and hardly any while there is work that somebody waits for. All that it
 * knows it reads from the rows, so it may be killed at any moment, be gone on with, and run twice at once. What passes it sits out.
 */
export async function runBatch({ onTrouble, ...run }: Run): Promise<RunEnd> {
  const { stop } = run
  const round = openRounds(run)
  let restMs = 500
  for (;;) {
    try {
      const end = await round()
      if (end !== undefined) return end
      restMs = 500
    } catch (thrown) {
      const error = passing(thrown)
      if (error === undefined) throw thrown
      restMs = Math.min(longestRestMs, 2 * restMs)
      onTrouble(error, restMs)
      await pause(restMs, undefined, { signal: stop }).catch(() => undefined)
      if (stop.aborted) return 'stopped'
    }
  }
}

/** The database, storage or this machine is away or full: days of work do not end of that. Undefined: nobody foresaw it. */
function passing(thrown: unknown): SluiceError | undefined {
  const error = isDatabaseAway(thrown) ? databaseAway(thrown) : asSluiceError(thrown)
  return error.code === 'internal' || error.fate === 'give_up' ? undefined : error
}
