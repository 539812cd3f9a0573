import { join } from 'node:path'
import { environment, loadConfig, type ServiceConfig } from '../core/config.ts'
import { connectEmbedded } from '../core/db/embedded/connect.ts'
import { keptSecret } from '../core/db/embedded/kept-secret.ts'

/** Runs a command on DATABASE_URL, or on the embedded instance of a data folder: the running one, else one started for the while. */
export async function withDatabaseUrl<Result>(
  { data }: { data: string },
  command: (config: ServiceConfig) => Promise<Result>,
): Promise<Result> {
  const env = environment()
  // Wrong settings are named before anything is started.
  const { DATABASE_URL: given } = loadConfig(env)
  if (given !== undefined) return command(complete(env, given))
  const embedded = await connectEmbedded({ dataDir: data })
  try {
    const below = {
      STORAGE_DIR: env['STORAGE_DIR'] || join(data, 'media'),
      SIGNING_SECRET: env['SIGNING_SECRET'] || (await keptSecret(join(data, 'signing-secret'))),
    }
    return await command(complete({ ...env, ...below }, embedded.url))
  } finally {
    await embedded.release()
  }
}

function complete(env: Record<string, string | undefined>, url: string): ServiceConfig {
  const config = loadConfig({ ...env, DATABASE_URL: url })
  return { ...config, DATABASE_URL: url, queueUrl: config.queueUrl ?? url }
}
