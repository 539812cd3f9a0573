import { setTimeout as rest } from 'node:timers/promises'
import { isDatabaseAway } from '../core/db/away.ts'
import type { Logger } from '../core/logger.ts'

const patienceMs = 120_000

type Options<Result> = { write: (tries: number) => Promise<Result>; closing: AbortSignal; log: Logger }

/** Does a write again for as long as the database is away. How a run ended must be written down, past its lease too: the fence says whether it still counts. */
export async function persist<Result>({ write, closing, log }: Options<Result>): Promise<Result> {
  const giveUpAt = performance.now() + patienceMs
  for (let tries = 1; ; tries++) {
    try {
      return await write(tries)
    } catch (err) {
      // The first connection of a pool that is tried again may be one more of the broken ones.
      const atOnce = tries <= 3
      if (!isDatabaseAway(err) || performance.now() > giveUpAt || (closing.aborted && !atOnce)) throw err
      log.warn({ err, tries }, 'the end of a run did not get through; trying again')
      await rest(atOnce ? 50 : Math.min(2_000, 100 * 2 ** tries))
    }
  }
}
