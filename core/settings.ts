import { z } from 'zod'
import { parseAllowEntry } from './net/allow.ts'

/** One environment variable: how it is read, and what the documentation says of it. */
export type Setting = { schema: z.ZodType; shown: string; about: string; secret?: boolean }

const units: Record<string, number> = { '': 1, b: 1, kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, tib: 2 ** 40 }
const times: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 }

const bytes = z.string().transform((text, ctx) => {
  const [, number, unit = ''] = /^(\d+)\s*([a-z]*)$/i.exec(text.trim()) ?? []
  const factor = units[unit.toLowerCase()]
  if (number !== undefined && factor !== undefined && Number(number) * factor <= Number.MAX_SAFE_INTEGER)
    return Number(number) * factor
  ctx.addIssue({ code: 'custom', message: 'wants bytes, like 104857600 or 100MiB' })
  return z.NEVER
})
const seconds = z.string().transform((text, ctx) => {
  const [, number, unit = 's'] = /^(\d+)\s*([smhd]?)$/i.exec(text.trim()) ?? []
  const factor = times[unit.toLowerCase() || 's']
  if (number !== undefined && factor !== undefined) return Number(number) * factor
  ctx.addIssue({ code: 'custom', message: 'wants a time, like 90, 90s, 15m, 24h or 7d' })
  return z.NEVER
})
const whole = (min: number, max: number) =>
  z.string().transform((text, ctx) => {
    const value = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN
    if (value >= min && value <= max) return value
    ctx.addIssue({ code: 'custom', message: `wants a whole number from ${min} to ${max}` })
    return z.NEVER
  })
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
)
const url = (protocols: RegExp, example: string) =>
  z
    .string()
    .refine((text) => URL.canParse(text) && protocols.test(new URL(text).protocol), `wants an address like ${example}`)
const web = url(/^https?:$/, 'https://media.example.com')
const flag = z.enum(['on', 'off']).transform((text) => text === 'on')
const text = z.string().min(1)

/** Every setting, in the order of the documentation. `shown` is the default as a person would type it. */
export const settings = {
  DATABASE_URL: {
    schema: url(/^postgres(ql)?:$/, 'postgres://user:password@host:5432/sluice').optional(),
    shown: '',
    about: 'Postgres. Without it, the command line uses the embedded instance of `--data`.',
    secret: true,
  },
  QUEUE_URL: {
    schema: url(/^(rediss?|postgres(ql)?):$/, 'redis://host:6379').optional(),
    shown: 'the database',
    about: 'Where BullMQ keeps its queues: `redis://`, `rediss://`, or `postgres://` for its Postgres backend.',
    secret: true,
  },
  HOST: { schema: text.default('127.0.0.1'), shown: '127.0.0.1', about: 'The address that the API listens on.' },
  PORT: {
    schema: whole(0, 65_535).default(3000),
    shown: '3000',
    about: 'The port that the API listens on; 0 takes a free one.',
  },
  PUBLIC_URL: {
    schema: web.optional(),
    shown: 'http://HOST:PORT',
    about: 'How the world reaches the API; put into the addresses that it hands out.',
  },
  STORAGE: {
    schema: z.enum(['local', 's3']).default('local'),
    shown: 'local',
    about: 'Where media lies: `local` disk or an `s3` store.',
  },
  STORAGE_DIR: { schema: text.default('.sluice/media'), shown: '.sluice/media', about: 'The folder of local storage.' },
  STORAGE_FALLBACK: {
    schema: z.enum(['local', 'none']).default('none'),
    shown: 'none',
    about: 'What to do while S3 is away: wait (`none`), or spool to disk (`local`).',
  },
  S3_BUCKET: { schema: text.optional(), shown: '', about: 'The bucket. Needed with `STORAGE=s3`.' },
  S3_ENDPOINT: { schema: web.optional(), shown: 'AWS', about: 'The address of a store other than AWS.' },
  S3_REGION: { schema: text.default('us-east-1'), shown: 'us-east-1', about: 'The region of the bucket.' },
  S3_ACCESS_KEY_ID: { schema: text.optional(), shown: 'the AWS chain', about: 'Credentials of the bucket.' },
  S3_SECRET_ACCESS_KEY: {
    schema: text.optional(),
    shown: 'the AWS chain',
    about: 'Credentials of the bucket.',
    secret: true,
  },
  S3_FORCE_PATH_STYLE: {
    schema: flag.default(true),
    shown: 'on',
    about: '`on` puts the bucket into the path, as most stores other than AWS want it.',
  },
  S3_PUBLIC_URL: {
    schema: web.optional(),
    shown: 'endpoint and bucket',
    about: 'The CDN or public address in front of the bucket.',
  },
  SOURCE_BUCKETS: {
    schema: list.default([]),
    shown: '',
    about: 'Other buckets that `{"source":{"object":…}}` may name, by comma.',
  },
  SOURCE_DIRS: { schema: list.default([]), shown: '', about: 'Folders that `file:` objects may lie in, by comma.' },
  AUTH: {
    schema: z.enum(['keys', 'none']).default('keys'),
    shown: 'keys',
    about: '`keys` wants an API key on every call; `none` is for a loopback address alone, never in production.',
  },
  AUTH_JWKS_URL: {
    schema: web.optional(),
    shown: '',
    about: 'Where the host application publishes the keys of its JWTs.',
  },
  AUTH_JWT_PUBLIC_KEY: {
    schema: text.optional(),
    shown: '',
    about: 'The public key (PEM) of the host application, in place of a JWKS.',
  },
  SIGNING_SECRET: {
    schema: z.string().min(16).optional(),
    shown: 'made at start',
    about: 'Signs playback addresses; the same in every process.',
    secret: true,
  },
  MAX_UPLOAD_BYTES: { schema: bytes.default(10 * 2 ** 30), shown: '10GiB', about: 'The largest upload.' },
  MAX_FORM_BYTES: { schema: bytes.default(100 * 2 ** 20), shown: '100MiB', about: 'The largest file in a form.' },
  MAX_FETCH_BYTES: {
    schema: bytes.default(10 * 2 ** 30),
    shown: '10GiB',
    about: 'The largest file fetched from an address.',
  },
  MAX_PIXELS: {
    schema: whole(1, 1e9).default(50_000_000),
    shown: '50000000',
    about: 'The most pixels of one picture or video frame.',
  },
  MAX_DURATION: { schema: seconds.default(6 * 3600), shown: '6h', about: 'The longest video or sound.' },
  UPLOAD_TTL: {
    schema: seconds.default(86_400),
    shown: '24h',
    about: 'How long an unfinished upload is kept after its last byte.',
  },
  DIRECT_UPLOADS: {
    schema: flag.default(false),
    shown: 'off',
    about: '`on` lets clients upload to the bucket directly.',
  },
  SOURCE_RETENTION: {
    schema: z
      .string()
      .regex(/^(keep|delete|\d+)$/, 'wants keep, delete, or a number of days')
      .default('keep'),
    shown: 'keep',
    about: 'What becomes of sources after `ready`: `keep`, `delete`, or a number of days.',
  },
  FETCH_ALLOW: {
    schema: list
      .refine(
        (entries) => entries.every((entry) => parseAllowEntry(entry)),
        'wants hosts, addresses or CIDRs, by comma',
      )
      .default([]),
    shown: '',
    about: 'Hosts or CIDRs exempt from the private-address, port and https rules; for tests and intranets.',
  },
  CORS_ORIGINS: { schema: list.default([]), shown: '', about: 'Origins whose pages may call the API, by comma.' },
  FFMPEG_PATH: { schema: text.optional(), shown: 'found on PATH', about: 'Which ffmpeg to run.' },
  FFPROBE_PATH: { schema: text.optional(), shown: 'found on PATH', about: 'Which ffprobe to run.' },
  SCRATCH_DIR: { schema: text.optional(), shown: "the system's", about: 'Where tasks keep temporary files.' },
  SCRATCH_BYTES: {
    schema: bytes.default(20 * 2 ** 30),
    shown: '20GiB',
    about: 'How much room fetched sources, kept for the next tasks, may take there. What a task makes comes on top.',
  },
  WORKER_MEMORY: {
    schema: bytes.optional(),
    shown: "70 % of the machine's or container's, shared by its workers",
    about: 'How much memory the tasks of one worker may take at once; what does not fit waits.',
  },
  PROFILES_FILE: {
    schema: text.optional(),
    shown: '',
    about: 'JSON with [profiles](profiles.md) of your own; the same in every process.',
  },
  LOG_LEVEL: {
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
    shown: 'info',
    about: 'How much is logged.',
  },
  METRICS_TOKEN: { schema: text.optional(), shown: '', about: 'Bearer token that `/metrics` asks for.', secret: true },
  ADMIN_PASSWORD: {
    schema: z.string().min(8).optional(),
    shown: '',
    about: 'Password of `admin` for Bull Board.',
    secret: true,
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: { schema: web.optional(), shown: '', about: 'Where traces are sent.' },
} as const satisfies Record<string, Setting>

export type SettingName = keyof typeof settings
export type SettingValues = { [Name in SettingName]: z.output<(typeof settings)[Name]['schema']> }
