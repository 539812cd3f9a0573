import { viewAssets } from '../../core/db/asset-views.ts'
import { houseStatus } from '../../core/db/house-status.ts'
import { tasksOf } from '../../core/db/tasks.ts'
import { ago, bytes, count, duration } from '../amounts.ts'
import { columns } from '../columns.ts'
import type { Where } from '../options.ts'
import { paint, printJson, short } from '../terminal.ts'
import { withDatabase, withHouse } from '../with-house.ts'

/** What waits, what runs, who works, and what wants somebody to look at it. */
export async function status(options: Where): Promise<void> {
  const found = await withDatabase(options, ({ db }) => houseStatus(db))
  if (options.json) return printJson(found)
  const { assets, queues, workers, poisoned, batches } = found
  const parts = [
    assets.length === 0
      ? 'There are no assets yet.'
      : columns([['ASSETS', ''], ...assets.map((one) => [one.status, one.assets.toLocaleString('en-US')])]),
    queues.length === 0
      ? 'No work waits.'
      : columns([
          ['QUEUE', 'WAITING', 'RUNNING', 'OLDEST'],
          ...queues.map(({ queue, waiting, running, oldestSeconds }) => [
            ...[queue, String(waiting), String(running)],
            oldestSeconds === null ? '' : duration(oldestSeconds),
          ]),
        ]),
    workers.living === 0 ? paint('yellow', 'No worker is there.') : `${count(workers.living, 'worker')}.`,
    ...(poisoned > 0 ? [paint('red', `${count(poisoned, 'task')} killed their workers and were set aside.`)] : []),
    ...batches.map(({ id, status: state, items }) => {
      const ended = items.done + items.failed + items.skipped
      return `Batch ${id} is ${state}: ${ended} of ${ended + items.waiting + items.started}, ${items.failed} failed. Go on with: sluice reprocess --resume ${id}`
    }),
  ]
  console.log(parts.join('\n\n'))
}

/** One asset, whoever's it is, with the tasks of the generation that was begun last. */
export async function assetStatus(options: Where & { id: string }): Promise<void> {
  await withHouse(options, async ({ db, storage }) => {
    const asset = await db.selectFrom('assets').selectAll().where('id', '=', options.id).executeTakeFirst()
    if (asset === undefined) throw new Error(`there is no asset ${options.id}`)
    const tasks = await tasksOf(db, { id: asset.id, generation: asset.target_generation })
    const [view] = await viewAssets(db, storage, [asset])
    const shown = tasks.map(({ key, status: state, attempt, worker, error, started_at, finished_at }) => ({
      ...{ key, status: state, attempts: attempt, worker, error },
      seconds: started_at && finished_at ? (finished_at.getTime() - started_at.getTime()) / 1_000 : null,
    }))
    const deleted = asset.deleted_at?.toISOString() ?? null
    if (options.json)
      return printJson({
        ...view,
        tenant: asset.tenant,
        deletedAt: deleted,
        making: asset.target_generation,
        tasks: shown,
      })
    const lines = [
      ['asset', `${asset.id} of ${asset.tenant}, ${ago(asset.created_at)}`],
      ['is', `${deleted ? 'deleted' : asset.status}${asset.playable ? ', plays' : ''}, generation ${asset.generation}`],
      ['from', short(asset.source_filename ?? asset.source_type, 50)],
      ['bytes', asset.source_bytes === null ? 'unknown' : bytes(asset.source_bytes)],
      ['profile', short(asset.profile, 50)],
      ...(asset.error ? [['error', `${asset.error.code}: ${short(asset.error.message, 100)}`]] : []),
    ]
    console.log(columns(lines))
    const rows = shown.map((task) => [
      ...[task.key, task.status, String(task.attempts), task.seconds === null ? '' : duration(task.seconds)],
      task.error ? `${task.error.code}: ${short(task.error.message, 40)}` : '',
    ])
    if (rows.length > 0) console.log(`\n${columns([['TASK', 'STATUS', 'TRIES', 'TOOK', 'LAST ERROR'], ...rows])}`)
  })
}
