import { patienceOf, triesOf } from './error-codes.ts'
import type { SluiceError } from './errors.ts'
import { restAfterFailure, type TaskKind, taskKinds } from './task-kinds.ts'

/** What becomes of a failed run: `again` rests and is run anew (`counts`: it used up one of its chances), `failed` is the end. */
export type FailedOutcome =
  | { fate: 'again'; code: string; message: string; restMs: number; counts: boolean }
  | { fate: 'failed'; code: string; message: string; retryable: boolean; failsAsset: boolean }

/** A tenth of how long it has waited already, from seconds to a minute, spread out: soon when the others are soon back, and no herd when not. */
function restForOthers(waitedMs: number, random = Math.random()): number {
  return Math.round(Math.min(60_000, Math.max(2_000, waitedMs / 10)) * (0.75 + random / 2))
}

type Failure = {
  error: SluiceError
  kind: TaskKind
  failures: number
  /** Since there is such a task. */
  waitedMs: number
  /** Since it first failed with this code, with no other in between. */
  sameForMs?: number
  now?: number
}

/** The one place where an error's type becomes a task's fate. */
export function decideFailure(failure: Failure): FailedOutcome {
  const { error, kind, failures, waitedMs, sameForMs = 0, now = Date.now() } = failure
  const said = { code: error.code, message: error.publicMessage }
  const leftMs = error.until === undefined ? patienceOf(error.code) - sameForMs : error.until.getTime() - now
  if (error.fate === 'later' && leftMs > 0) {
    const restMs = error.retryAfterMs ?? restForOthers(waitedMs)
    // Where the end is known, the last try is made at that moment, whatever rest was asked for.
    return {
      fate: 'again',
      ...said,
      restMs: error.until === undefined ? restMs : Math.min(restMs, leftMs),
      counts: false,
    }
  }
  const { failsAsset } = taskKinds[kind]
  const limit = Math.min(taskKinds[kind].limit, triesOf(error.code))
  const spent = failures + 1
  if (error.fate === 'retry' && spent < limit)
    return { fate: 'again', ...said, restMs: error.retryAfterMs ?? restAfterFailure(spent), counts: true }
  return { fate: 'failed', ...said, retryable: error.fate !== 'give_up', failsAsset }
}
