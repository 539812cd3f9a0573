import { noRoom, roomLeft } from '../../core/db/quotas.ts'
import { SluiceError } from '../../core/errors.ts'
import type { House } from '../house.ts'

/** Fetches no more than the tenant has room for, and says so where that, and not the limit for everybody, was too little. */
export async function withinQuota<Result>(
  { house, tenant }: { house: Pick<House, 'config' | 'db'>; tenant: string },
  fetch: (maxBytes: number) => Promise<Result>,
): Promise<Result> {
  const { MAX_FETCH_BYTES: most } = house.config
  const room = await roomLeft(house.db, { tenant, quotas: house.config })
  if (room <= 0) throw noRoom(house.config)
  try {
    return await fetch(Math.min(most, room))
  } catch (error) {
    if (room < most && error instanceof SluiceError && error.code === 'too_large') throw noRoom(house.config)
    throw error
  }
}
