import type { AssetKind } from '../../core/asset.ts'
import { type Selection, selected } from '../../core/db/select-assets.ts'
import { reviveTask } from '../../core/db/task-recovery.ts'
import { tasksOf } from '../../core/db/tasks.ts'
import { asSluiceError } from '../../core/errors.ts'
import { reprocessAsset } from '../../core/reprocess.ts'
import { kindOf, taskKinds } from '../../core/task-kinds.ts'
import { count } from '../amounts.ts'
import { columns } from '../columns.ts'
import type { Where } from '../options.ts'
import { note, printJson } from '../terminal.ts'
import { type CliHouse, withHouse } from '../with-house.ts'

type Filters = Pick<Selection, 'tenant' | 'code' | 'createdBefore' | 'createdAfter' | 'ids'> & { kind?: AssetKind }
type Options = Where & Filters & { limit?: number; dryRun?: boolean }
type Failed = {
  id: string
  tenant: string
  target_generation: number
  error: { code: string; taskId: string | null } | null
}

/** Gives what failed new chances; its exit code. */
export async function requeue({ data, json, limit, dryRun, ...filters }: Options): Promise<number> {
  return withHouse({ data }, async (house) => {
    const query = selected(house.db, { ...filters, status: ['failed'] })
    const page = query.select(['id', 'tenant', 'target_generation', 'error']).orderBy('id', 'desc')
    const failed = await (limit === undefined ? page : page.limit(limit)).execute()
    const byCode = [...Map.groupBy(failed, ({ error }) => error?.code ?? 'unknown')].map(([code, { length }]) => ({
      code,
      assets: length,
    }))
    if (dryRun) {
      if (json) printJson({ dryRun: true, assets: failed.length, byCode })
      else if (failed.length === 0) console.log('Nothing has failed.')
      else console.log(columns([['CODE', 'ASSETS'], ...byCode.map((one) => [one.code, String(one.assets)])]))
      return 0
    }
    const ends = { revived: 0, madeAnew: 0, refused: [] as { id: string; code: string }[] }
    for (const asset of failed) await again(house, asset, ends)
    if (json) printJson(ends)
    else {
      console.log(`${count(ends.revived + ends.madeAnew, 'asset')} back at work`)
      for (const { id, code } of ends.refused) note(`${id} stays as it is: ${code}`)
    }
    return ends.refused.length > 0 ? 1 : 0
  })
}

type Ends = { revived: number; madeAnew: number; refused: { id: string; code: string }[] }

async function again(house: CliHouse, asset: Failed, ends: Ends): Promise<void> {
  const { id, tenant } = asset
  const taskId = await guiltyTask(house, asset)
  // The relay sends it, with whatever was stopped with it.
  if (taskId !== undefined && (await reviveTask(house.db, taskId, { resend: true }))) {
    ends.revived++
    return
  }
  try {
    const { reminders } = await reprocessAsset(house, { id, tenant })
    house.push.push(reminders)
    ends.madeAnew++
  } catch (thrown) {
    const { code } = asSluiceError(thrown)
    if (code === 'internal' || code === 'unavailable') throw thrown
    ends.refused.push({ id, code })
  }
}

/** The one over which it failed. */
async function guiltyTask({ db }: CliHouse, asset: Failed): Promise<string | undefined> {
  if (asset.error?.taskId) return asset.error.taskId
  const tasks = await tasksOf(db, { id: asset.id, generation: asset.target_generation })
  return tasks.find(({ status, key }) => status === 'failed' && taskKinds[kindOf(key) ?? 'purge'].failsAsset)?.id
}
