import { beginItem, nextItem, refuseItem } from '../../core/db/batch-begin.ts'
import { objectNow } from '../../core/reprocess.ts'
import type { CliHouse } from '../with-house.ts'
import type { BatchWishes } from './wishes.ts'

type Beginning = {
  house: CliHouse
  id: string
  wishes: BatchWishes
  stop: AbortSignal
  atOnce: number
  room: number
  upTo: number | undefined
}

/** Begins one after the other while there is room, and says how many those were. */
export async function beginSome({ house, id, wishes, atOnce, room, upTo, stop }: Beginning): Promise<number> {
  for (let begun = 0; begun < room; begun++) {
    if (stop.aborted) return begun
    const next = await nextItem(house.db, id, upTo)
    if (next === undefined) return begun
    try {
      const object = await objectNow(house, { id: next.item.asset_id, tenant: next.tenant })
      const { profile, perMinute } = wishes
      const reminders = await beginItem(house.db, { batchId: id, next, atOnce, perMinute, profile, object })
      if (reminders === undefined) return begun
      house.push.push(reminders)
    } catch (thrown) {
      await refuseItem(house.db, next, thrown)
    }
  }
  return room
}
