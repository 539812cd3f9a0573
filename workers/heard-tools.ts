import type { TaskKind } from '../core/task-kinds.ts'
import type { MediaTools } from './edges/tools.ts'
import type { House } from './house.ts'

/** The same tools, each run of which is measured and told of as one for this kind of task. */
export function heardTools(
  tools: MediaTools,
  { meters: { media }, tracing }: Pick<House, 'meters' | 'tracing'>,
  kind: TaskKind,
): MediaTools {
  const observe: MediaTools['observe'] = async (run) => {
    const startedAt = performance.now()
    let end: 'ok' | 'failed' = 'failed'
    try {
      const made = await tracing.step('ffmpeg', { 'sluice.task.kind': kind }, run)
      end = 'ok'
      return made
    } finally {
      media.ffmpegRan(kind, performance.now() - startedAt, end)
    }
  }
  return { ...tools, observe }
}
