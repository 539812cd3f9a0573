import { type Accepted, acceptAsset, type NewAsset } from '../core/accept.ts'
import { builtInProfiles } from '../core/media/profile.ts'
import type { ApiHouse } from './house.ts'
import { invalid } from './parse.ts'

/** The one funnel: however bytes or an address came in, here they become an asset. Never waits for the queue. */
export async function accept(house: ApiHouse, input: NewAsset): Promise<Accepted> {
  checkProfile(input.profile)
  const accepted = await acceptAsset(house.db, input)
  house.push.push(accepted.reminders)
  return accepted
}

/** Before any byte is stored for it. */
export function checkProfile(profile: string | undefined): void {
  if (profile === undefined || Object.hasOwn(builtInProfiles, profile)) return
  const message = `there is no profile "${profile}"; there are ${Object.keys(builtInProfiles).join(', ')}`
  throw invalid([{ path: 'profile', message }])
}
