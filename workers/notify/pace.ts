/** How deliveries go: who waits how long for what. Tests have a quicker clock. */
export type Pace = {
  /** After the first failure, the second, and so on; the last one for all that follow. */
  pausesMs: readonly number[]
  /** Since its first try; then the next of the lane has its turn. */
  giveUpMs: number
  connectMs: number
  /** For the whole of a try. */
  answerMs: number
  /** An answer within this time is that of an endpoint which holds up nobody. */
  soonMs: number
  /** Longer than a try and what is written of it; then another worker takes the lane. */
  leaseMs: number
  pollMs: number
  /** An endpoint from which nothing else came for so long, and so often, is disabled. */
  disableAfterMs: number
  disableAfterFailures: number
}

const [second, minute, hour] = [1_000, 60_000, 3_600_000]

export const usualPace: Pace = {
  pausesMs: [5 * second, 30 * second, 2 * minute, 5 * minute, 15 * minute, 30 * minute, hour, 2 * hour],
  giveUpMs: 24 * hour,
  connectMs: 5 * second,
  answerMs: 15 * second,
  soonMs: 2 * second,
  leaseMs: 45 * second,
  pollMs: 500,
  disableAfterMs: 5 * 24 * hour,
  disableAfterFailures: 20,
}

/** The pause after the nth failure, give or take a fifth, so that what failed together does not come back together. */
export function pauseAfter({ pausesMs }: Pick<Pace, 'pausesMs'>, failures: number, random = Math.random()): number {
  const pause = pausesMs[Math.min(failures, pausesMs.length) - 1] ?? 0
  return Math.round(pause * (0.8 + 0.4 * random))
}
