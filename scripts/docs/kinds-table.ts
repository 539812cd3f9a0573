import { taskKinds } from '../../core/task-kinds.ts'
import { table } from './table.ts'

/** Every kind of task, where it runs, and how much it may fail. */
export function kindsTable(): string {
  return table({
    head: ['kind of task', 'queue', 'failures until it is given up', 'the asset fails with it'],
    rows: Object.entries(taskKinds).map(([kind, { queue, limit, failsAsset }]) => [
      `\`${kind}\``,
      `\`${queue}\``,
      String(limit),
      failsAsset ? 'yes' : 'no',
    ]),
  })
}
