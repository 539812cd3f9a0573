import type { TestHouse } from './house.ts'

/** The time of an upload is over, a second ago: nobody waits for it, and a busy machine does not come too late. */
export async function endTimeOf({ db }: Pick<TestHouse, 'db'>, uploadId: string): Promise<void> {
  const past = new Date(Date.now() - 1_000)
  await db.updateTable('uploads').set({ expires_at: past }).where('id', '=', uploadId).execute()
}
