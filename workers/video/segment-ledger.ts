import { readTracks, recordSegments } from '../../core/db/segments.ts'
import { faultPoint } from '../../core/fault-point.ts'
import type { Track } from '../../core/media/hls-facts.ts'
import type { TaskRun } from '../house.ts'

/** What is known of finished segments, past the run that made them: a task that is tried again goes on where the last one stopped. */
export type SegmentLedger = {
  made(range: { names: readonly string[]; from?: number; to?: number }): Promise<Track[]>
  /** Once it returns, viewers may be told. */
  record(tracks: readonly Track[]): Promise<void>
}

type Options = { run: Pick<TaskRun, 'task' | 'house'>; afterwards: () => Promise<void> }

/** The ledger in the database; `afterwards` runs whenever something new is in it. */
export function segmentLedger({ run: { task, house }, afterwards }: Options): SegmentLedger {
  const asset = { id: task.asset_id, generation: task.generation }
  return {
    made: (range) => readTracks(house.db, asset, range),
    async record(tracks) {
      faultPoint('segments-stored')
      await recordSegments(house.db, task, tracks)
      await afterwards()
    },
  }
}
