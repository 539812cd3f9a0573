import { openEmbedded } from '../../core/db/embedded/open.ts'

/** A Postgres for tests: the embedded one in a folder that is thrown away, and therefore without waiting for the disk. */
export async function startPostgres({ folder }: { folder: string }): Promise<{ url: string; stop(): Promise<void> }> {
  const settings = {
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    max_connections: '400',
    // Whoever is held in the middle of saying who they are holds up every DROP DATABASE for so long.
    authentication_timeout: '15s',
    log_min_messages: 'fatal',
  }
  return openEmbedded({ dataDir: folder, tied: true, settings })
}
