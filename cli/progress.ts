import { MultiBar, Presets } from 'cli-progress'
import { isWatched, note } from './terminal.ts'

export type Progress = {
  /** `said` stands behind the bar. */
  show(state: { done: number; total: number; said: string }): void
  end(): void
}

const lineEveryMs = 10_000

/** A bar where somebody looks, a line now and then where it goes into a file, nothing where programs read. */
export function openProgress({ quiet = false }: { quiet?: boolean } = {}): Progress {
  if (quiet) return { show: () => undefined, end: () => undefined }
  return isWatched() ? bar() : lines()
}

function bar(): Progress {
  const options = {
    format: '{bar} {percentage}% {said}',
    barsize: 24,
    hideCursor: true,
    stream: process.stderr,
    clearOnComplete: false,
  }
  const bars = new MultiBar({ ...options, linewrap: false, gracefulExit: false }, Presets.shades_classic)
  const one = bars.create(1, 0, { said: '' })
  return {
    show({ done, total, said }) {
      one.setTotal(Math.max(1, total))
      one.update(done, { said })
    },
    end: () => bars.stop(),
  }
}

function lines(): Progress {
  let next = performance.now() + lineEveryMs
  return {
    show({ done, total, said }) {
      if (performance.now() < next) return
      next = performance.now() + lineEveryMs
      note(`${Math.floor((100 * done) / Math.max(1, total))} %  ${said}`)
    },
    end: () => undefined,
  }
}
