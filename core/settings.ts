import { z } from 'zod'
import { isDnsServer, isNetwork } from './net/address.ts'
import { parseAllowEntry } from './net/allow.ts'
import {
  bytes,
  flag,
  isOrigin,
  list,
  publicKey,
  rate,
  retention,
  type Setting,
  seconds,
  text,
  url,
  web,
  whole,
} from './setting-schemas.ts'
import { settingsOfOperation } from './settings-of-operation.ts'
import { settingsOfStorage } from './settings-of-storage.ts'

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
  ...settingsOfStorage,
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
    schema: publicKey.optional(),
    shown: '',
    about: 'The public key (PEM) of the host application, in place of a JWKS.',
  },
  AUTH_JWT_ISSUER: { schema: text.optional(), shown: '', about: 'What `iss` of those JWTs must be.' },
  AUTH_JWT_AUDIENCE: { schema: text.optional(), shown: '', about: 'What `aud` of those JWTs must be, or hold.' },
  RATE_LIMIT: {
    schema: rate.default({ count: 6_000, seconds: 60 }),
    shown: '6000/m',
    about: 'How many calls one key may make, on all processes together; `off` for no limit.',
  },
  RATE_LIMIT_WRONG_KEYS: {
    schema: rate.default({ count: 60, seconds: 60 }),
    shown: '60/m',
    about: 'How many calls without valid credentials one address may make before it is told to wait.',
  },
  QUOTA_STORED_BYTES: {
    schema: bytes.default(0),
    shown: '0',
    about: 'How many bytes one tenant may have sent in and not deleted, those on their way included; 0 for no end.',
  },
  QUOTA_INFLIGHT_BYTES: {
    schema: bytes.default(0),
    shown: '0',
    about: "How many bytes a tenant's unfinished uploads may have announced; 0 for no end.",
  },
  QUOTA_OPEN_UPLOADS: {
    schema: whole(0, 1e9).default(0),
    shown: '0',
    about: 'How many unfinished uploads a tenant may have; 0 for no end.',
  },
  QUOTA_ASSETS_PER_HOUR: {
    schema: whole(0, 1e9).default(0),
    shown: '0',
    about: 'How many assets a tenant may make in an hour; 0 for no end.',
  },
  TRUST_PROXY: {
    schema: list.refine((all) => all.every(isNetwork), 'wants addresses or CIDRs of proxies, by comma').default([]),
    shown: '',
    about: 'Proxies in front of the API, whose `X-Forwarded-For` tells who calls; addresses or CIDRs, by comma.',
  },
  SIGNING_SECRET: {
    schema: z.string().min(16).optional(),
    shown: 'made once, kept in the database',
    about: 'Signs playback addresses; the same in every process. A new one ends every address that was signed before.',
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
    schema: retention.optional(),
    shown: 'keep',
    about:
      'What becomes of sources once their assets are `ready`: `keep`, `delete`, or for how many days they are kept. Without its source an asset cannot be reprocessed.',
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
  DNS_SERVERS: {
    schema: list
      .refine(
        (servers) => servers.every((server) => isDnsServer(server)),
        'wants addresses, with a port or without, like 9.9.9.9,[2620:fe::fe]:53',
      )
      .default([]),
    shown: "the machine's own way",
    about: "Who is asked for the addresses of strangers' hosts, by comma; names of your own network are unknown then.",
  },
  CORS_ORIGINS: {
    schema: list
      .refine((all) => all.every(isOrigin), 'wants origins like https://app.example.com, by comma, or *')
      .default([]),
    shown: '',
    about: 'Origins whose pages may call the API, by comma; `*` for all.',
  },
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
  ...settingsOfOperation,
} as const satisfies Record<string, Setting>

export type { Setting }

export type SettingName = keyof typeof settings
export type SettingValues = { [Name in SettingName]: z.output<(typeof settings)[Name]['schema']> }
