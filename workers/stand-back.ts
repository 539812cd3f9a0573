import { isSmall, rateOf } from '../core/media/amount.ts'
import type { AssetPlan } from '../core/plan.ts'
import { kindOf } from '../core/task-kinds.ts'
import { defaultLimits, firstNice } from './edges/limits.ts'

/** More than this in a second is more than 1080p at 60. */
const usualRate = 2
/** More than most telephones make. */
const usualPixels = 25e6
/** Of all tracks together, in seconds. */
const longSound = 120 * 60

type Work = {
  plan: AssetPlan
  key: string
  /** Of a picture, as it was sent. */
  pixels: number
}

/** Whether a task takes long, or is of no use to anybody until something long has ended: it stands back for what is soon done. */
export function isLong({ plan, key, pixels }: Work): boolean {
  if (plan.kind === 'image') return pixels > usualPixels
  const { info } = plan
  switch (kindOf(key)) {
    case 'encode':
      return key !== 'encode:0' || rateOf(info) > usualRate
    case 'sound':
      return (info.duration ?? Number.POSITIVE_INFINITY) * info.audio.length > longSound
    case 'storyboard':
    case 'mp4':
      return !isSmall(info)
    default:
      return rateOf(info) > usualRate
  }
}

/** Viewers wait for the first piece; on the processor it goes before everything else of its asset. */
export const niceOf = (work: Work): number =>
  kindOf(work.key) === 'encode' && !isLong(work) ? firstNice : defaultLimits.nice
