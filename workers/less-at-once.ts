import type { Task } from '../core/db/tasks.ts'
import type { MediaTools } from './edges/tools.ts'

/** After a run that met its limits, the same on one processor: with fewer threads, and fewer pictures held at once. */
export function lessAtOnce(tools: MediaTools, { error }: Pick<Task, 'error'>): MediaTools {
  return error?.code === 'resource_limit' ? { ...tools, cpus: 1 } : tools
}
