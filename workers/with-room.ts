import { needRoom } from './edges/scratch.ts'
import type { Handler } from './house.ts'

/** A recipe that fills disks begins only where there is room, for what it makes on the way and for what it keeps: until then its task waits, uncounted. */
export const withRoom =
  (handler: Handler): Handler =>
  async (run) => {
    await run.bench.storage.needRoom()
    await needRoom({ folder: run.bench.scratch, bytes: 0, floor: run.house.config.DISK_FLOOR })
    return handler(run)
  }
