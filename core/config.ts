import { existsSync, readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { parseEnv } from 'node:util'
import { z } from 'zod'
import type { Profiles } from './media/profiles.ts'
import { loadProfiles } from './profiles-file.ts'
import { type SettingName, type SettingValues, settings } from './settings.ts'

/** What is wrong with the environment, all of it at once. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: string[]
  constructor(problems: string[]) {
    super(`The settings are not right:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
    this.problems = problems
  }
}

export type Config = SettingValues & {
  publicUrl: string
  queueUrl: string | undefined
  production: boolean
  searchPath: string | undefined
  profiles: Profiles
}

/** What a service needs to be certain of. */
export type ServiceConfig = Config & { DATABASE_URL: string; queueUrl: string }

type Environment = Record<string, string | undefined>

/** Reads and checks every setting. Throws one ConfigError that names every wrong variable. */
export function loadConfig(env: Environment = environment()): Config {
  const problems: string[] = []
  const values: Partial<Record<SettingName, unknown>> = {}
  for (const name of Object.keys(settings) as SettingName[]) {
    const raw = env[name]
    const parsed = z.safeParse(settings[name].schema, raw === '' ? undefined : raw)
    if (parsed.success) values[name] = parsed.data
    else
      problems.push(
        `${name}: ${parsed.error.issues[0]?.message ?? 'is wrong'}${'secret' in settings[name] ? '' : ` (it is "${raw}")`}`,
      )
  }
  // Each value was parsed by the schema of its name just above.
  const checked = values as SettingValues
  const production = env['NODE_ENV'] === 'production'
  if (problems.length === 0) problems.push(...togetherWrong(checked, production))
  const { profiles, problems: wrongProfiles } = loadProfiles(checked.PROFILES_FILE)
  problems.push(...wrongProfiles)
  if (problems.length > 0) throw new ConfigError(problems)
  return {
    ...checked,
    publicUrl: publicUrl(checked),
    queueUrl: checked.QUEUE_URL ?? checked.DATABASE_URL,
    production,
    searchPath: env['PATH'],
    profiles,
  }
}

/** Where `PORT=0` took a free port, the address is known only after listening. */
export function publicUrl(values: Pick<SettingValues, 'PUBLIC_URL' | 'HOST' | 'PORT'>): string {
  const host = values.HOST.includes(':') ? `[${values.HOST}]` : values.HOST
  return (values.PUBLIC_URL ?? `http://${host}:${values.PORT}`).replace(/\/+$/, '')
}

export function isLoopback(host: string): boolean {
  if (isIP(host) === 4) return host.startsWith('127.')
  return host === 'localhost' || host === '::1'
}

/** Faults that lie between settings, each right on its own. */
function togetherWrong(values: SettingValues, production: boolean): string[] {
  const problems: string[] = []
  if (values.STORAGE === 's3' && values.S3_BUCKET === undefined) problems.push('S3_BUCKET: is needed with STORAGE=s3')
  if ((values.S3_ACCESS_KEY_ID === undefined) !== (values.S3_SECRET_ACCESS_KEY === undefined))
    problems.push('S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY: one is set without the other')
  if (values.AUTH_JWKS_URL !== undefined && values.AUTH_JWT_PUBLIC_KEY !== undefined)
    problems.push('AUTH_JWKS_URL, AUTH_JWT_PUBLIC_KEY: one of them says which keys are good, not both')
  if (values.FAULT_POINT !== undefined && production)
    problems.push('FAULT_POINT: kills the process; it is refused with NODE_ENV=production')
  if (values.AUTH === 'none' && production) problems.push('AUTH: none is refused with NODE_ENV=production')
  if (values.AUTH === 'none' && !isLoopback(values.HOST))
    problems.push(`AUTH: none is refused on HOST=${values.HOST}; it is for loopback addresses alone`)
  if (values.METRICS_PORT !== undefined && !isLoopback(values.METRICS_HOST) && values.METRICS_TOKEN === undefined)
    problems.push(`METRICS_HOST: on ${values.METRICS_HOST} others may look; that needs a METRICS_TOKEN`)
  return problems
}

/** The process environment over `.env`, as dotenv users expect. */
export function environment(): Environment {
  const file = existsSync('.env') ? parseEnv(readFileSync('.env', 'utf8')) : {}
  return { ...file, ...process.env }
}

/** How many threads Node keeps for files, names and pictures, unless the owner has said so. Heard only before the first of them is started. */
export function widenThreadPool(threads: number): void {
  process.env['UV_THREADPOOL_SIZE'] ??= String(threads)
}
