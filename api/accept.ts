import { type Accepted, acceptAsset, type NewAsset } from '../core/accept.ts'
import type { ApiHouse } from './house.ts'

/** The one funnel: however bytes or an address came in, here they become an asset. Never waits for the queue. */
export async function accept(house: Pick<ApiHouse, 'db' | 'push'>, input: NewAsset): Promise<Accepted> {
  const accepted = await acceptAsset(house.db, input)
  house.push.push(accepted.reminders)
  return accepted
}
