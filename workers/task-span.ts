import type { Claimed } from '../core/db/task-run.ts'
import { kindOf } from '../core/task-kinds.ts'
import type { OpenSpan } from '../core/tracing/tracing.ts'
import type { House } from './house.ts'

/** A run, told of as a part of what made its asset; and before it, how long the task waited for a worker. */
export function taskSpan({ tracing }: Pick<House, 'tracing'>, { task, asset }: Claimed, waitedMs: number): OpenSpan {
  const kind = kindOf(task.key) ?? 'unknown'
  const parent = asset.traceparent ?? undefined
  const attributes = { 'sluice.asset.id': asset.id, 'sluice.task.id': task.id, 'sluice.task.key': task.key }
  tracing.begin(`wait for ${task.queue}`, { parent, attributes, agoMs: Math.max(0, waitedMs) }).end()
  return tracing.begin(`task ${kind}`, {
    parent,
    kind: 'consumer',
    attributes: { ...attributes, 'sluice.task.attempt': task.attempt, 'sluice.queue': task.queue },
  })
}
