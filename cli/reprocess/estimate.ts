import type { Measured } from '../../core/db/measured-work.ts'
import type { Counted } from '../../core/db/select-assets.ts'

export type Estimate = {
  /** Seconds of work by all tasks together. */
  workSeconds: number
  /** By the clock, so many at once. */
  wallSeconds: number
  /** More storage, until the former generations are garbage. */
  moreBytes: number
  /** Of how many nothing is known, for nothing of their kind was made here lately. */
  unknown: number
}

type Options = { counted: Counted[]; measured: Measured[]; atOnce: number; perMinute?: number | undefined }

/** What making these anew will take, by what the last of their kind took. */
export function estimate({ counted, measured, atOnce, perMinute }: Options): Estimate {
  const sum = { workSeconds: 0, wallSeconds: 0, moreBytes: 0, unknown: 0 }
  for (const { kind, assets, seconds, bytes } of counted) {
    sum.moreBytes += bytes
    const known = measured.find((one) => one.kind === kind)
    if (known === undefined) sum.unknown += assets
    else {
      const times = known.each === 'second' && seconds > 0 ? seconds : assets
      sum.workSeconds += known.work * times
      sum.wallSeconds += (known.span * times) / atOnce
    }
  }
  const assets = counted.reduce((total, one) => total + one.assets, 0)
  const paced = perMinute === undefined ? 0 : (60 * assets) / perMinute
  return { ...sum, wallSeconds: Math.max(sum.wallSeconds, paced) }
}
