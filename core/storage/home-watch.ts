import { within } from '../within.ts'

type Watched = {
  check(): Promise<void>
  /** One that does not answer in this time is away. */
  patienceMs?: number
  /** So long an answer counts: a store that was just away is not asked by each of a hundred requests. */
  countsMs?: number
  /** Hears when it goes away, with the reason, and when it comes back. */
  onChange?: ((away: { reason: unknown } | undefined) => void) | undefined
}

/** Whether a store keeps its word just now. */
export function homeWatch({ check, patienceMs = 5_000, countsMs = 2_000, onChange }: Watched) {
  let last: Promise<boolean> | undefined
  let until = Number.POSITIVE_INFINITY
  let wasAway = false
  const look = async () => {
    const away = await within(patienceMs, check()).then(
      () => undefined,
      (reason: unknown) => ({ reason }),
    )
    until = performance.now() + countsMs
    if ((away !== undefined) !== wasAway) onChange?.(away)
    wasAway = away !== undefined
    return !wasAway
  }
  return {
    answers(): Promise<boolean> {
      if (last !== undefined && performance.now() < until) return last
      until = Number.POSITIVE_INFINITY
      last = look()
      return last
    },
  }
}
