import { isSmall, rateOf } from '../core/media/amount.ts'
import type { AssetPlan } from '../core/plan.ts'
import { kindOf } from '../core/task-kinds.ts'

/** What is soon done, or what somebody waits to see; what takes a while; and what takes long, or is not missed for long. */
export const steps = { soon: 2, usual: 6, last: 10 }

/** More than this in a second is more than 1080p at 60. */
const usualRate = 2
/** More than most telephones make. */
const usualPixels = 25e6

type Work = {
  plan: AssetPlan
  key: string
  /** Of a picture, as it was sent. */
  pixels: number
}

/**
 * How far a task stands back on the processor. What is small goes before what is large, so that a clip beside a film takes
 * hardly longer than alone; the film has all that clips leave.
 */
export function standBack({ plan, key, pixels }: Work): number {
  if (plan.kind === 'image') return pixels <= usualPixels ? steps.soon : steps.last
  const { info } = plan
  const isUsual = rateOf(info) <= usualRate
  switch (kindOf(key)) {
    case 'encode':
      return isUsual && key === 'encode:0' ? steps.soon : steps.last
    case 'sound': {
      const minutes = ((info.duration ?? Number.POSITIVE_INFINITY) * info.audio.length) / 60
      return minutes <= 2 ? steps.soon : minutes <= 120 ? steps.usual : steps.last
    }
    case 'storyboard':
    case 'mp4':
      return isSmall(info) ? steps.soon : steps.last
    default:
      return isUsual ? steps.soon : steps.last
  }
}
