import type { Progress } from './ffmpeg-progress.ts'
import type { Child } from './process.ts'

/** Ends a child whose progress stands still: reports alone do not count, only frames, time or bytes that grow. A child held still is not watched. */
export function watchdog({ stallMs }: { stallMs: number }) {
  let child: Child | undefined
  let last = ''
  let clock: NodeJS.Timeout | undefined
  let holds = 0
  const wind = () => {
    clearTimeout(clock)
    if (child !== undefined && holds === 0) clock = setTimeout(() => child?.stop('stalled'), stallMs)
  }
  return {
    watch(started: Child): Pick<Child, 'pause' | 'resume'> {
      child = started
      wind()
      return {
        // Whoever holds these may use them late, when the child and its group are gone.
        pause() {
          holds += 1
          clearTimeout(clock)
          child?.pause()
        },
        resume() {
          child?.resume()
          holds = Math.max(0, holds - 1)
          wind()
        },
      }
    },
    saw(progress: Progress) {
      const now = JSON.stringify(progress)
      if (now !== last) wind()
      last = now
    },
    end() {
      clearTimeout(clock)
      child = undefined
    },
  }
}
