import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { Milestone } from '../core/db/assets.ts'
import type { Task } from '../core/db/tasks.ts'
import { buckets } from '../core/metrics/registry.ts'
import { kindOf } from '../core/task-kinds.ts'
import { encodeMeters } from './encode-meters.ts'

/** What workers tell of their tasks. Kinds, queues and codes are ours and few: nothing that a caller chose is a label. */
export type WorkerMeters = ReturnType<typeof workerMeters>

type Told = Pick<Task, 'key' | 'queue'>

export function workerMeters(registry: Registry) {
  const registers = [registry]
  const durations = new Histogram({
    name: 'sluice_task_duration_seconds',
    help: 'How long runs of tasks took, by kind and by how they ended: done, again, failed, handed_back, superseded, unsettled.',
    labelNames: ['kind', 'end'],
    buckets: buckets.work,
    registers,
  })
  const waits = new Histogram({
    name: 'sluice_task_wait_seconds',
    help: 'How long tasks had been due when a worker took them.',
    labelNames: ['queue'],
    buckets: buckets.work,
    registers,
  })
  const running = new Gauge({
    name: 'sluice_tasks_running',
    help: 'Tasks that this worker runs.',
    labelNames: ['queue'],
    registers,
  })
  const slots = new Gauge({
    name: 'sluice_worker_slots',
    help: 'How many tasks of a queue this worker runs at once, at most.',
    labelNames: ['queue'],
    registers,
  })
  const failures = new Counter({
    name: 'sluice_task_failures_total',
    help: 'Failed runs by error code, and what became of the task: again or failed.',
    labelNames: ['kind', 'code', 'fate'],
    registers,
  })
  const lost = new Counter({
    name: 'sluice_task_leases_lost_total',
    help: 'Runs that lost their task: taken over, cancelled or deleted meanwhile, or no heartbeat got through.',
    labelNames: ['kind'],
    registers,
  })
  const crashes = new Counter({
    name: 'sluice_task_crashes_total',
    help: 'Tasks found without their worker: run anew (recovered), or set aside (poisoned).',
    labelNames: ['outcome'],
    registers,
  })
  const kind = ({ key }: Told) => kindOf(key) ?? 'unknown'
  return {
    ...assetMeters(registry),
    ...encodeMeters(registry),
    tasks: {
      /** A run has begun, whose task had been due for so long. What comes back is told how it ended. */
      begun(task: Told, waitedMs: number): (end: string) => void {
        waits.observe({ queue: task.queue }, Math.max(0, waitedMs) / 1_000)
        running.inc({ queue: task.queue })
        const startedAt = performance.now()
        return (end) => {
          running.dec({ queue: task.queue })
          durations.observe({ kind: kind(task), end: end.replace(' ', '_') }, (performance.now() - startedAt) / 1_000)
        }
      },
      failed: (task: Told, { code, fate }: { code: string; fate: string }) =>
        failures.inc({ kind: kind(task), code, fate }),
      leaseLost: (task: Told) => lost.inc({ kind: kind(task) }),
      swept({ recovered, poisoned }: { recovered: string[]; poisoned: string[] }) {
        crashes.inc({ outcome: 'recovered' }, recovered.length)
        crashes.inc({ outcome: 'poisoned' }, poisoned.length)
      },
      slots(limits: Record<string, number>) {
        for (const [queue, limit] of Object.entries(limits)) slots.set({ queue }, limit)
      },
    },
  }
}

function assetMeters(registry: Registry) {
  const histogram = (name: string, help: string) =>
    new Histogram({ name, help, labelNames: ['kind'], buckets: buckets.work, registers: [registry] })
  const reached = {
    playable: histogram('sluice_asset_playable_seconds', 'From the last byte of a source to the moment it could play.'),
    ready: histogram('sluice_asset_ready_seconds', 'From the last byte of a source to the end of all its work.'),
  }
  return {
    assets: {
      /** To be told after the commit. */
      reached(milestones: readonly Milestone[]) {
        for (const { what, kind, seconds } of milestones) reached[what].observe({ kind }, seconds)
      },
    },
  }
}
