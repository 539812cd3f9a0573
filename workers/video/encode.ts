import { z } from 'zod'
import { readVideoPlan } from '../../core/db/plan.ts'
import { SluiceError } from '../../core/errors.ts'
import type { Handler } from '../house.ts'
import { lessAtOnce } from '../less-at-once.ts'
import { growing } from '../publish/grow.ts'
import { publishAfter } from '../publish/publish-after.ts'
import { sourceFile } from '../source-file.ts'
import { encodeChunk } from './encode-chunk.ts'
import { segmentLedger } from './segment-ledger.ts'

const paramsSchema = z.object({ chunk: z.number().int().nonnegative() })

/** One piece of a video: one decode, every rung. */
export const encode: Handler = async (run) => {
  const { task, bench, put, house } = run
  const plan = await readVideoPlan(house.db, { id: task.asset_id, generation: task.generation })
  const { chunk: index } = paramsSchema.parse(task.params)
  const chunk = plan.grid.chunks[index]
  if (chunk === undefined)
    throw new SluiceError('internal', { message: `the plan has no chunk ${index}`, fate: 'give_up' })
  const sourcePath = await sourceFile(run)
  const startedAt = performance.now()
  const media = await encodeChunk({
    ...{ chunk, sourcePath, bench, put },
    plan,
    attempt: task.attempt,
    memory: run.memory,
    tools: lessAtOnce(house.tools, task),
    ledger: segmentLedger({ run, afterwards: growing({ run, plan, after: chunk.firstSegment }) }),
  })
  house.meters.media.encoded(media.seconds, performance.now() - startedAt)
  return { result: { segments: chunk.segments }, write: publishAfter(run) }
}
