import type { Logger } from './logger.ts'
import { aborted, type Stopping } from './stop-signal.ts'

/** What is left of the time of somebody who says twice that he wants to see the end. */
const hurryMs = 1_500

type Service = {
  stopping: Stopping
  /** From the wish to the end, at most. */
  graceMs: number
  log: Logger
  /** Makes every part. Told to stop in the middle, it gives up at the next step, and unmakes what it made. */
  start(stopping: Stopping): Promise<AsyncDisposable>
}

/**
 * Runs a service from its start to its end, which may be asked for at any moment: by a signal, or by the supervisor that
 * started it being gone. Whatever hangs then, the process has left when its grace time is over.
 */
export async function runService({ stopping, graceMs, log, start }: Service): Promise<void> {
  leaveInTime({ stopping, graceMs, log })
  try {
    await using _parts = await start(stopping)
    process.send?.('ready')
    await aborted(stopping.stop)
  } catch (err) {
    if (!stopping.stop.aborted) throw err
    if (err !== stopping.stop.reason) log.warn({ err }, 'something failed while the process was ending')
  } finally {
    stopping.release()
  }
}

/** By then all tasks are handed back; what is still open, such as a request of a slow caller, ends with the process. */
function leaveInTime({ stopping, graceMs, log }: Omit<Service, 'start'>): void {
  const leaveIn = (ms: number) => () => {
    const leave = () => {
      log.warn('not everything could be closed in time; the process leaves')
      process.exit(0)
    }
    setTimeout(leave, ms).unref()
  }
  stopping.stop.addEventListener('abort', leaveIn(graceMs))
  stopping.hurry.addEventListener('abort', leaveIn(hurryMs))
}
