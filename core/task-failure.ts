import type { SluiceError } from './errors.ts'
import { restAfterFailure, type TaskKind, taskKinds } from './task-kinds.ts'

/** What becomes of a failed run: `again` rests and is run anew (`counts`: it used up one of its chances), `failed` is the end. */
export type FailedOutcome =
  | { fate: 'again'; code: string; message: string; restMs: number; counts: boolean }
  | { fate: 'failed'; code: string; message: string; retryable: boolean; failsAsset: boolean }

const waitForOthersMs = 5_000

/** The one place where an error's type becomes a task's fate. */
export function decideFailure({
  error,
  kind,
  failures,
}: {
  error: SluiceError
  kind: TaskKind
  failures: number
}): FailedOutcome {
  const said = { code: error.code, message: error.publicMessage }
  if (error.fate === 'later')
    return { fate: 'again', ...said, restMs: error.retryAfterMs ?? waitForOthersMs, counts: false }
  const { limit, failsAsset } = taskKinds[kind]
  const spent = failures + 1
  if (error.fate === 'retry' && spent < limit)
    return { fate: 'again', ...said, restMs: error.retryAfterMs ?? restAfterFailure(spent), counts: true }
  return { fate: 'failed', ...said, retryable: error.fate === 'retry', failsAsset }
}
