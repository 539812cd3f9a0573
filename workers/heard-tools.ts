import type { TaskKind } from '../core/task-kinds.ts'
import type { MediaTools } from './edges/tools.ts'
import type { WorkerMeters } from './meters.ts'

/** The same tools, each run of which is measured as one for this kind of task. */
export function heardTools(tools: MediaTools, { media }: WorkerMeters, kind: TaskKind): MediaTools {
  const observe: MediaTools['observe'] = async (run) => {
    const startedAt = performance.now()
    let end: 'ok' | 'failed' = 'failed'
    try {
      const made = await run()
      end = 'ok'
      return made
    } finally {
      media.ffmpegRan(kind, performance.now() - startedAt, end)
    }
  }
  return { ...tools, observe }
}
