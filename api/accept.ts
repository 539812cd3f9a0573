import { type Accepted, type AcceptingHouse, type Also, acceptAsset, type NewAsset } from '../core/accept.ts'
import { faultPoint } from '../core/fault-point.ts'
import type { ApiHouse } from './house.ts'

/** The one funnel: however bytes or an address came in, here they become an asset. Never waits for the queue. */
export async function accept(
  house: AcceptingHouse & Pick<ApiHouse, 'push'>,
  input: NewAsset,
  also?: Also,
): Promise<Accepted> {
  const accepted = await acceptAsset(house, input, also)
  faultPoint('asset-committed')
  house.push.push(accepted.reminders)
  return accepted
}
