import { SluiceError } from '../../core/errors.ts'
import { chunkArgs } from '../../core/media/chunk-args.ts'
import type { Chunk } from '../../core/media/grid.ts'
import type { ChunkResult } from '../../core/media/hls-facts.ts'
import { framesToSeconds } from '../../core/media/rational.ts'
import type { VideoPlan } from '../../core/media/video-plan.ts'
import type { MediaTools } from '../edges/tools.ts'
import { chunkProblems } from '../publish/verify-chunk.ts'
import type { PutFile, Workbench } from '../task.ts'
import { encodeLimits, encodeSegments, outputFolder } from './encode-segments.ts'

type Options = {
  plan: VideoPlan
  chunk: Chunk
  /** Of the task: in every key, so that a run which was overtaken never overwrites the winner's bytes. */
  attempt: number
  sourcePath: string
  tools: MediaTools
  bench: Workbench
  put: PutFile
}

/** Encodes one chunk in every rendition from one decode, and publishes its segments. */
export async function encodeChunk({
  plan,
  chunk,
  attempt,
  sourcePath,
  tools,
  bench,
  put,
}: Options): Promise<ChunkResult> {
  const [top] = plan.renditions
  const seconds = framesToSeconds(chunk.frames, plan.fps)
  const made = await encodeSegments({
    ...{ tools, bench, put },
    args: chunkArgs({ plan, chunk, sourcePath, scratch: bench.scratch }),
    outputs: plan.renditions.map(({ name }) => ({
      folder: outputFolder(bench, name),
      naming: {
        init: (sha256) => `hls/${name}/init-${sha256.slice(0, 12)}.mp4`,
        segment: (number) => `hls/${name}/${chunk.index}-${attempt}-${number}.m4s`,
      },
    })),
    limits: encodeLimits({ seconds, pixels: (top?.width ?? 0) * (top?.height ?? 0) }),
    fraction: ({ frame }) => (frame === undefined ? undefined : frame / chunk.frames),
  })
  const renditions = plan.renditions.flatMap(({ name }, n) => (made[n] ? [{ name, ...made[n] }] : []))
  const result = { chunk: chunk.index, attempt, renditions }
  refuseWrong({ plan, chunk, result })
  return result
}

/** A source that ends before its header says gives too few frames every time: that is the file's fault, and final. */
function refuseWrong({ plan, chunk, result }: { plan: VideoPlan; chunk: Chunk; result: ChunkResult }) {
  const problems = chunkProblems({ plan, chunk, result })
  if (problems.length === 0) return
  const frames = result.renditions[0]?.segments.reduce((sum, segment) => sum + segment.frames, 0) ?? 0
  const message = `chunk ${chunk.index}: ${problems.join('; ')}`
  throw new SluiceError(frames < chunk.frames ? 'corrupt_media' : 'output_invalid', { message })
}
