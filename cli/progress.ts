import { MultiBar, Presets, type SingleBar } from 'cli-progress'
import { isWatched, note } from './terminal.ts'

export type Progress = {
  /** `said` stands behind the bar. */
  show(state: { done: number; total: number; said: string }): void
  /** Belongs into a `finally`: until then a bar that was shown keeps the process alive. */
  end(): void
}

const lineEveryMs = 10_000

/** A bar where somebody looks, a line now and then where it goes into a file, nothing where programs read. */
export function openProgress({ quiet = false }: { quiet?: boolean } = {}): Progress {
  if (quiet) return { show: () => undefined, end: () => undefined }
  return isWatched() ? bar() : lines()
}

const barOptions = {
  format: '{bar} {percentage}% {said}',
  barsize: 24,
  hideCursor: true,
  stream: process.stderr,
  clearOnComplete: false,
  linewrap: false,
  gracefulExit: false,
}

/** Drawn when there is something to show: it hides the cursor, and its clock keeps the process alive until it is ended. */
function bar(): Progress {
  let drawn: { bars: MultiBar; one: SingleBar } | undefined
  const draw = () => {
    const bars = new MultiBar(barOptions, Presets.shades_classic)
    return { bars, one: bars.create(1, 0, { said: '' }) }
  }
  return {
    show({ done, total, said }) {
      drawn ??= draw()
      drawn.one.setTotal(Math.max(1, total))
      drawn.one.update(done, { said })
    },
    end() {
      drawn?.bars.stop()
      drawn = undefined
    },
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
