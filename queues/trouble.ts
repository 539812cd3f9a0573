import { calm } from '../core/calm.ts'
import type { Logger } from '../core/logger.ts'

/** For a connection's errors: one line in ten seconds, with how many were like it. */
export function queueTrouble(log: Logger): (err: Error) => void {
  return calm(10_000, (err, unsaid) => log.warn({ err, unsaid }, 'the queue does not answer'))
}
