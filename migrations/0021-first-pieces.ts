import { type Kysely, sql } from 'kysely'

/** For the slot that workers keep for whoever begins: what it is kept for is found however much else waits. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE INDEX tasks_first_pieces ON tasks (queue)
    WHERE status = 'pending' AND NOT resting AND queue_priority IN (1, 20001, 1000001)`.execute(db)
}
