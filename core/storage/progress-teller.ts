import { setTimeout as rest } from 'node:timers/promises'
import type { AppendOptions, Growth } from './growing.ts'

const everyMs = 1000

/** Tells of durable progress about once a second, one call at a time. A call that fails is the last, and `stop` hears why. */
export function progressTeller(options: {
  onSafe: AppendOptions['onSafe']
  /** Makes durable what there is, and says how much that is. */
  takeStock(): Promise<Growth> | Growth
  stop(reason: unknown): void
}) {
  const { onSafe, takeStock, stop } = options
  let news = false
  let over = onSafe === undefined
  let telling: Promise<void> | undefined
  let hurry = new AbortController()

  async function tell() {
    while (news && !over) {
      await rest(everyMs, undefined, { signal: hurry.signal }).catch(() => undefined)
      if (over) return
      hurry = new AbortController()
      news = false
      await onSafe?.(await takeStock())
    }
  }
  function stir() {
    news = true
    if (over || telling) return
    telling = tell()
      .catch((reason: unknown) => {
        over = true
        stop(reason)
      })
      .finally(() => {
        telling = undefined
        if (news) stir()
      })
  }
  const now = async () => {
    if (telling) hurry.abort()
    await telling
  }
  return {
    /** There is something new. */
    stir,
    /** Waits until all that is new has been told. */
    now,
    /** Nothing is told after this. */
    async end() {
      over = true
      await now()
    },
  }
}
