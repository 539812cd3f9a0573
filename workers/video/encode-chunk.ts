import { SluiceError } from '../../core/errors.ts'
import { chunkArgs } from '../../core/media/chunk-args.ts'
import { type Chunk, chunkFrom, segmentFramesAt } from '../../core/media/grid.ts'
import { leading, type SegmentFact } from '../../core/media/hls-facts.ts'
import { framesToSeconds } from '../../core/media/rational.ts'
import type { VideoPlan } from '../../core/media/video-plan.ts'
import type { MediaTools } from '../edges/tools.ts'
import { segmentProblems } from '../publish/verify-segment.ts'
import type { PutFile, Workbench } from '../task.ts'
import { encodeLimits, encodeSegments, memoryLimit } from './encode-segments.ts'
import type { SegmentLedger } from './segment-ledger.ts'

type Options = {
  plan: VideoPlan
  chunk: Chunk
  /** Of the task. */
  attempt: number
  sourcePath: string
  tools: MediaTools
  bench: Workbench
  put: PutFile
  ledger: SegmentLedger
  /** What it is thought to need at most; ffmpeg gets room for that, and not for much more. */
  memory?: number | undefined
}

/** Encodes one chunk in every rendition from one decode, from the first segment on that no earlier run has left. Says how much of it that was. */
export async function encodeChunk(options: Options): Promise<{ seconds: number }> {
  const { plan, chunk, attempt, sourcePath, tools, bench, put, ledger, memory } = options
  const names = plan.renditions.map(({ name }) => name)
  const range = { names, from: chunk.firstSegment, to: chunk.firstSegment + chunk.segments }
  const already = await ledger.made(range)
  const kept = Math.min(...names.map((name) => leading({ tracks: already, name, from: range.from })))
  const rest = chunkFrom({ grid: plan.grid, chunk, segments: kept })
  if (rest !== undefined) {
    const [top] = plan.renditions
    const { cpus } = tools
    await encodeSegments({
      ...{ tools, bench, put, ledger, names, already },
      args: chunkArgs({ plan, chunk: rest, sourcePath, scratch: bench.scratch, cpus }),
      mark: `${chunk.index}-${attempt}`,
      check: (segment) => refuseWrong({ plan, segment }),
      limits: {
        ...encodeLimits({
          seconds: framesToSeconds(rest.frames, plan.fps),
          pixels: (top?.width ?? 0) * (top?.height ?? 0),
        }),
        ...memoryLimit({ memory, cpus, outputs: names.length }),
      },
      fraction: ({ frame }) => (frame === undefined ? undefined : (chunk.frames - rest.frames + frame) / chunk.frames),
    })
  }
  await refuseMissing({ chunk, made: await ledger.made(range), names })
  return { seconds: rest === undefined ? 0 : framesToSeconds(rest.frames, plan.fps) }
}

/** A source that ends before its header says gives too few frames every time: that is the file's fault, and final. */
function refuseWrong({ plan, segment }: { plan: VideoPlan; segment: SegmentFact }) {
  const problems = segmentProblems({ plan, segment })
  if (problems.length === 0) return
  const short = segment.frames < segmentFramesAt(plan.grid, segment.number)
  throw new SluiceError(short ? 'corrupt_media' : 'output_invalid', { message: problems.join('; ') })
}

function refuseMissing({
  chunk,
  made,
  names,
}: {
  chunk: Chunk
  made: Awaited<ReturnType<SegmentLedger['made']>>
  names: readonly string[]
}) {
  for (const name of names) {
    const count = leading({ tracks: made, name, from: chunk.firstSegment })
    if (count < chunk.segments)
      throw new SluiceError('corrupt_media', {
        message: `chunk ${chunk.index}: ${name} has ${count} of ${chunk.segments} segments`,
      })
  }
}
