import { SluiceError } from '../../core/errors.ts'
import type { AudioResult, ChunkResult } from '../../core/media/hls-facts.ts'
import type { VideoPlan } from '../../core/media/video-plan.ts'
import { audioProblems } from './verify-audio.ts'
import { chunkProblems } from './verify-chunk.ts'

type Options = { plan: VideoPlan; chunks: readonly ChunkResult[]; audio: readonly AudioResult[] }

/** Throws `output_invalid` unless what was produced is what was planned: the last look before the world sees it. */
export function verifyHls(options: Options): void {
  const problems = hlsProblems(options)
  if (problems.length === 0) return
  const more = problems.length > 10 ? ` and ${problems.length - 10} more` : ''
  throw new SluiceError('output_invalid', { message: `${problems.slice(0, 10).join('; ')}${more}` })
}

export function hlsProblems({ plan, chunks, audio }: Options): string[] {
  return [
    ...plan.grid.chunks.flatMap((chunk) => {
      const results = chunks.filter((result) => result.chunk === chunk.index)
      const [result] = results
      if (!result || results.length > 1) return [`chunk ${chunk.index} is there ${results.length} times`]
      return chunkProblems({ plan, chunk, result }).map((problem) => `chunk ${chunk.index}: ${problem}`)
    }),
    ...plan.renditions.flatMap(({ name }) => joinProblems({ name, chunks })),
    ...plan.audio.flatMap((track) => {
      const result = audio.find((made) => made.track === track.name)
      return result ? audioProblems({ plan, result }) : [`${track.name} is missing`]
    }),
  ]
}

/** Chunks made apart join only when every one of them has the same init segment, and decode times run on from one to the next. */
function joinProblems({ name, chunks }: { name: string; chunks: readonly ChunkResult[] }): string[] {
  const parts = chunks
    .toSorted((a, b) => a.chunk - b.chunk)
    .flatMap((chunk) => chunk.renditions.filter((rendition) => rendition.name === name))
  const inits = new Set(parts.map((part) => part.init.sha256))
  const segments = parts.flatMap((part) => part.segments)
  const gaps = segments.filter((segment, n) => {
    const next = segments[n + 1]
    return next !== undefined && Math.abs(next.start - segment.start - segment.seconds) > 0.001
  })
  return [
    ...(inits.size > 1 ? [`${name} has ${inits.size} different init segments`] : []),
    ...gaps.map((segment) => `${name}: a gap after segment ${segment.number}`),
  ]
}
