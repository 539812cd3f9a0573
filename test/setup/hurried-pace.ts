import { type Pace, usualPace } from '../../workers/notify/pace.ts'

/** In which an hour of waiting passes in two seconds. What has to do with machines and not with patience has its usual room. */
const shortened = (ms: number) => ms / 1_800

export const hurried: Pace = {
  ...usualPace,
  pausesMs: usualPace.pausesMs.map(shortened),
  giveUpMs: shortened(usualPace.giveUpMs),
  disableAfterMs: shortened(usualPace.disableAfterMs),
  answerMs: 2_000,
  leaseMs: 3_000,
  pollMs: 50,
}
