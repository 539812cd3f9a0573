import { checkFolder } from '../../core/storage/check.ts'
import type { House } from '../house.ts'

/** Deletes what processes that died while they tried the store have left in it. */
export async function deleteOldChecks({ storage }: Pick<House, 'storage'>, olderThanMs: number): Promise<number> {
  const before = Date.now() - olderThanMs
  const old: string[] = []
  for await (const { key, modifiedAt } of storage.list(checkFolder)) if (modifiedAt.getTime() < before) old.push(key)
  await storage.delete(old)
  return old.length
}
