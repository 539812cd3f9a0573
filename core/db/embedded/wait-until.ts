import { setTimeout as pause } from 'node:timers/promises'
import { SluiceError } from '../../errors.ts'

/** Asks again and again until the answer is not undefined; says what it waited for when time runs out. */
export async function waitUntil<T>(options: {
  what: string
  timeoutMs: number
  everyMs?: number
  signal?: AbortSignal
  ask: () => T | undefined | Promise<T | undefined>
}): Promise<T> {
  const deadline = performance.now() + options.timeoutMs
  for (;;) {
    const answer = await options.ask()
    if (answer !== undefined) return answer
    options.signal?.throwIfAborted()
    if (performance.now() > deadline)
      throw new SluiceError('unavailable', { message: `${options.what} did not happen within ${options.timeoutMs} ms` })
    await pause(options.everyMs ?? 25, undefined, { signal: options.signal })
  }
}
