import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { createKey } from '../../core/db/keys.ts'
import { migrateToLatest } from '../../core/db/migrate.ts'
import { type Database, openDatabase } from '../../core/db/open.ts'
import { openStorage } from '../../core/storage/open.ts'
import type { S3Settings } from '../../core/storage/s3-client.ts'
import type { Storage } from '../../core/storage/storage.ts'
import { startRgw } from '../servers/rgw.ts'
import { type Media, makeMedia, writeProfiles } from './media.ts'
import { type Origin, startOrigin } from './origin.ts'
import type { Means, ServerName } from './plan.ts'
import { openPlace, type Place } from './processes.ts'
import { type FaultProxy, faultProxy } from './proxy.ts'
import { type S3Front, s3Front } from './s3-front.ts'
import { type KillableServer, killablePostgres, killableRedis, throughPort } from './servers.ts'
import { type SmallDisk, smallDisk } from './small-disk.ts'

/** Two APIs and two workers on real servers, each server behind a proxy that breaks what passes. */
export type FaultHouse = AsyncDisposable & {
  means: Means
  folder: string
  /** The key of the tenant that sends. */
  secret: string
  /** Texts that may stand nowhere but where they were given. */
  canaries: string[]
  apis: Place[]
  workers: Place[]
  postgres: KillableServer
  redis: KillableServer | undefined
  proxies: ReadonlyMap<ServerName, FaultProxy>
  front: S3Front | undefined
  bucket: S3Settings | undefined
  disk: SmallDisk | undefined
  origin: Origin
  media: Media
  /** Past every proxy: for looking on, and for the checker. */
  db: Database
  storage: Storage
  scratch: string
  /** Whether workers keep the intervals of production, and not short ones. */
  usual: boolean
  note(text: string): void
}

type Options = Omit<Means, 'fillable'> & { folder: string; usual: boolean; note: (text: string) => void }

export async function openFaultHouse({
  folder,
  queue,
  storage: driver,
  items,
  usual,
  note,
}: Options): Promise<FaultHouse> {
  await using parts = new AsyncDisposableStack()
  for (const name of ['logs', 'scratch', 'media']) await mkdir(`${folder}/${name}`, { recursive: true })
  const postgres = parts.adopt(await killablePostgres(`${folder}/postgres`), (it) => it.stop())
  const redis = queue === 'redis' ? parts.adopt(await killableRedis(`${folder}/redis`), (it) => it.stop()) : undefined
  const bucket = driver === 's3' ? await openBucket(parts, folder) : undefined
  const disk = driver === 'local' ? await smallDisk(`${folder}/media`) : undefined
  parts.defer(async () => disk?.unmount())
  const proxies = new Map<ServerName, FaultProxy>()
  const proxied = async (name: ServerName, port: number) => {
    const proxy = parts.adopt(await faultProxy({ port }), (it) => it.close())
    proxies.set(name, proxy)
    return proxy.port
  }
  await migrateToLatest({ url: postgres.url })
  const onError = () => undefined
  const db = parts.adopt(openDatabase({ url: postgres.url, name: 'checker', connections: 4, onError }), (it) =>
    it.destroy(),
  )
  const { secret } = await createKey(db, { tenant: 'faults', name: 'faults', scopes: ['assets'] })
  const origin = parts.use(await startOrigin())
  const databaseUrl = throughPort(postgres.url, await proxied('postgres', postgres.port))
  const signingSecret = randomBytes(16).toString('hex')
  const env: Record<string, string> = {
    ...{ DATABASE_URL: databaseUrl, SCRATCH_DIR: `${folder}/scratch`, STORAGE_DIR: `${folder}/media` },
    QUEUE_URL: redis ? throughPort(redis.url, await proxied('redis', redis.port)) : databaseUrl,
    ...{ PROFILES_FILE: await writeProfiles(folder), FETCH_ALLOW: origin.allow, SIGNING_SECRET: signingSecret },
    ...{ LOG_LEVEL: 'info', RATE_LIMIT: 'off', MALLOC_ARENA_MAX: '2', NODE_ENV: 'test' },
  }
  if (bucket !== undefined) {
    const port = await proxied('s3', bucket.front.port)
    Object.assign(env, s3Environment(bucket.settings, `http://127.0.0.1:${port}`))
  }
  const local = { driver: 'local' as const, dir: `${folder}/media`, publicUrl: 'http://checker', signingSecret }
  const storage = parts.adopt(await openStorage(bucket?.settings ?? local), (it) => it.close())
  const open = async (role: Place['role'], n: number) =>
    parts.adopt(await openPlace({ name: `${role}-${n}`, role, usual, folder: `${folder}/logs`, env, note }), (it) =>
      it.stop(),
    )
  const apis = [await open('api', 1), await open('api', 2)]
  const workers = [await open('worker', 1), await open('worker', 2)]
  await Promise.all([...apis, ...workers].map((place) => place.ready()))
  const canaries = [secret, signingSecret, new URL(postgres.url).password, bucket?.settings.secretAccessKey ?? secret]
  const held = parts.move()
  return {
    ...{ folder, secret, canaries, apis, workers, postgres, redis, proxies, disk, origin, db, storage, usual, note },
    means: { queue, storage: driver, items, fillable: disk !== undefined },
    front: bucket?.front,
    bucket: bucket?.settings,
    media: await makeMedia({ folder: `${folder}/fixtures` }),
    scratch: `${folder}/scratch`,
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  }
}

async function openBucket(
  parts: AsyncDisposableStack,
  folder: string,
): Promise<{ front: S3Front; settings: S3Settings }> {
  const rgw = parts.adopt(await startRgw({ folder: `${folder}/rgw` }), (it) => it.stop())
  const { endpoint, region, accessKeyId, secretAccessKey } = rgw
  const admin = new S3Client({ endpoint, region, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } })
  await admin.send(new CreateBucketCommand({ Bucket: 'faults' }))
  admin.destroy()
  const front = parts.adopt(await s3Front({ endpoint, seed: 1 }), (it) => it.close())
  const access = { endpoint, region, accessKeyId, secretAccessKey, forcePathStyle: true }
  return { front, settings: { driver: 's3', bucket: 'faults', ...access } }
}

const s3Environment = (settings: S3Settings, endpoint: string): Record<string, string> => ({
  ...{ STORAGE: 's3', S3_BUCKET: settings.bucket, S3_ENDPOINT: endpoint, S3_REGION: settings.region },
  ...{ S3_ACCESS_KEY_ID: settings.accessKeyId ?? '', S3_SECRET_ACCESS_KEY: settings.secretAccessKey ?? '' },
})
