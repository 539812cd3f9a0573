import { openEmbedded } from '../../core/db/embedded/open.ts'

/** A Postgres for tests: the embedded one in a folder that is thrown away, and therefore without waiting for the disk. */
export async function startPostgres({ folder }: { folder: string }): Promise<{ url: string; stop(): Promise<void> }> {
  const settings = {
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    max_connections: '400',
    log_min_messages: 'fatal',
  }
  return openEmbedded({ dataDir: folder, tied: true, settings })
}
