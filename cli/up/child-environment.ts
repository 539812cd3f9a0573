import { join } from 'node:path'
import { isLoopback } from '../../core/config.ts'

/** Tells the next start whether the supervisor of a process that it finds is still there. */
export const supervisorMark = 'SLUICE_SUPERVISOR'

type Environment = Record<string, string | undefined>

/** Workers of one machine cannot all show their metrics on one port. */
export function forWorker(env: Environment, index: number): Environment {
  const first = Number(env['METRICS_PORT'] || 0)
  return first === 0 ? env : { ...env, METRICS_PORT: String(first + index) }
}

/** What `up` decides for its processes. What the owner set, stays; everything else lies below the data folder. */
export function childEnvironment(options: {
  env: Environment
  dataDir: string
  databaseUrl: string
  port: number
  signingSecret: string
}): Environment {
  const { env, dataDir } = options
  const host = env['HOST'] || '127.0.0.1'
  // On a loopback address everybody who can call is at this machine already.
  const open = isLoopback(host) && env['NODE_ENV'] !== 'production'
  return {
    ...env,
    [supervisorMark]: String(process.pid),
    HOST: host,
    PORT: String(options.port),
    DATABASE_URL: options.databaseUrl,
    STORAGE_DIR: env['STORAGE_DIR'] || join(dataDir, 'media'),
    SCRATCH_DIR: env['SCRATCH_DIR'] || join(dataDir, 'scratch'),
    AUTH: env['AUTH'] || (open ? 'none' : 'keys'),
    // Pictures come and go in many threads; with an arena for each of them, glibc keeps twice the memory.
    MALLOC_ARENA_MAX: env['MALLOC_ARENA_MAX'] || '2',
    SIGNING_SECRET: env['SIGNING_SECRET'] || options.signingSecret,
  }
}
