import type { Progress } from './ffmpeg-progress.ts'
import type { Child } from './process.ts'

/** Ends a child whose progress stands still: reports alone do not count, only frames, time or bytes that grow. A child held still is not watched. */
export function watchdog({ stallMs }: { stallMs: number }) {
  let child: Pick<Child, 'stop'> | undefined
  let last = ''
  let clock: NodeJS.Timeout | undefined
  let held = false
  const wind = () => {
    clearTimeout(clock)
    if (child !== undefined && !held) clock = setTimeout(() => child?.stop('stalled'), stallMs)
  }
  return {
    watch(started: Pick<Child, 'stop'>) {
      child = started
      wind()
    },
    held(still: boolean) {
      held = still
      wind()
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
