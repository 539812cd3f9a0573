import { vi } from 'vitest'
import { patienceMs } from './patience-ms.ts'

/** By itself `vi.waitFor` gives up after a second, and many a caller after a few: no test is about that. */
export function waitPatiently(): void {
  const { waitFor } = vi
  vi.waitFor = (check, options) => {
    const { timeout = 0, interval = 50 } = typeof options === 'number' ? { timeout: options } : (options ?? {})
    return waitFor(check, { timeout: Math.max(timeout, patienceMs), interval })
  }
}
