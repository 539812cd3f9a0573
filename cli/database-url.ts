import { type Config, loadConfig } from '../core/config.ts'
import { connectEmbedded } from '../core/db/embedded/connect.ts'

/** Runs a command on DATABASE_URL, or on the embedded instance of a data folder: the running one, else one started for the while. */
export async function withDatabaseUrl<Result>(
  { data }: { data: string },
  command: (url: string, config: Config) => Promise<Result>,
): Promise<Result> {
  const config = loadConfig()
  if (config.DATABASE_URL !== undefined) return command(config.DATABASE_URL, config)
  const embedded = await connectEmbedded({ dataDir: data })
  try {
    return await command(embedded.url, config)
  } finally {
    await embedded.release()
  }
}
