import { SluiceError } from '../../core/errors.ts'
import type { StreamLimits } from '../server-limits.ts'

/** Counts the streams of this process, by caller. `enter` returns what is to be called at the end. */
export function openStreams({ ofOneCaller, ofProcess }: StreamLimits) {
  const open = new Map<string, number>()
  let all = 0
  return {
    enter(subject: string): () => void {
      const before = open.get(subject) ?? 0
      if (before >= ofOneCaller || all >= ofProcess)
        throw new SluiceError('too_many_streams', {
          message: `${before} streams of ${subject}, ${all} in all`,
          retryAfterMs: 5_000,
        })
      open.set(subject, before + 1)
      all += 1
      let left = false
      return () => {
        if (left) return
        left = true
        all -= 1
        const others = (open.get(subject) ?? 1) - 1
        if (others > 0) open.set(subject, others)
        else open.delete(subject)
      }
    },
  }
}
