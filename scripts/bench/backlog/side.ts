import { mkdir } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { loadConfig } from '../../../core/config.ts'
import { waitUntil } from '../../../core/db/embedded/wait-until.ts'
import { openDatabase } from '../../../core/db/open.ts'
import { newId } from '../../../core/ids.ts'
import { openStorage } from '../../../core/storage/open.ts'
import { storageSettings } from '../../../core/storage/settings.ts'
import { connectQueues } from '../../../queues/connect.ts'
import { createSender } from '../../../queues/sender.ts'
import { startRedis } from '../../servers/redis.ts'
import { shortLivedOrigin } from '../addresses-origin.ts'
import { type BenchHouse, openHouse } from '../house.ts'
import { treeCpuSeconds } from '../process-tree.ts'
import { fillFinished, fillWaiting, unsent } from './backlog.ts'
import { type Calls, press, timeBoard, timeCalls } from './calls.ts'
import { type ChoreCost, timeChores } from './chores.ts'
import { deafOrigin } from './deaf-origin.ts'
import { redisBytes, residentBytes } from './memory.ts'
import { timeTaking } from './taking.ts'

export type Backend = 'Redis' | 'Postgres'
export type Side = { name: string; backend: Backend; waiting: number; finished: number }

export type Facts = {
  side: Side
  calls: Calls
  /** From the call until its address was asked for. */
  fetched: number[]
  board: number[]
  /** Milliseconds for a task that the queue hands out, is claimed and finished. */
  taken: number
  /** Tasks that were sent in a second, while the relay sent the whole backlog. */
  sent: number | undefined
  countsKept: boolean
  chores: ChoreCost[]
  /** CPU seconds in a second without calls. */
  idle: { api: number; worker: number; postgres: number }
  memory: { api: number; worker: number; redis: number | undefined }
}

type Measuring = { folder: string; side: Side; quick: boolean; stop: AbortSignal }

/** As many as hold most of a worker's slots for addresses. */
const hanging = 48
const livesMs = 60_000

/** A house of its own with a backlog that nobody works off, and everything that is measured in it. */
export async function measureSide({ folder, side, quick, stop }: Measuring): Promise<Facts> {
  await mkdir(folder)
  await using parts = new AsyncDisposableStack()
  const redis = side.backend === 'Redis' ? await startRedis({ folder: `${folder}/redis` }) : undefined
  if (redis !== undefined) parts.defer(() => redis.stop())
  const env = { FETCH_ALLOW: '127.0.0.1', ...(redis === undefined ? {} : { QUEUE_URL: redis.url }) }
  // It takes addresses, and does all chores; what else waits goes on waiting.
  const house = parts.use(
    await openHouse({ folder, env, workers: [{ queues: ['fetch', 'publish', 'notify', 'upkeep'] }], stop }),
  )
  const origin = parts.use(await shortLivedOrigin({ livesMs }))
  const deaf = parts.use(await deafOrigin())
  const own = await ownParts({ parts, house, queueUrl: redis?.url ?? house.databaseUrl })
  for (let n = 0; n < hanging; n++) await house.client.createAsset({ source: { url: deaf.address(n) } })
  const sent = await fill({ ...own, side, stop })

  const asked = quick ? 60 : 300
  // Every second names its end, as signed addresses do.
  const address = (n: number) => (n % 2 === 0 ? origin.address(n) : (origin.address(n).split('?')[0] ?? ''))
  const deepCursor = Buffer.from(await idInTheMiddle(own)).toString('base64url')
  const warm = { url: house.url, deepCursor, stop }
  await timeCalls({ ...warm, calls: 30, address: (n) => address(1_000_000 + n) })
  const { took, postedAt } = await timeCalls({ ...warm, calls: asked, address })
  await origin.served({ addresses: asked + 30, signal: stop })
  const fetched = postedAt.map((at, n) => (origin.firstAsked(n) ?? Number.POSITIVE_INFINITY) - at)

  const board = await timeBoard(house.url, quick ? 3 : 10)
  const countsKept = await pausesAndResumes(own, house)
  const chores = await timeChores({ ...own, databaseUrl: house.databaseUrl, rounds: quick ? 2 : 5 })
  const taken = await timeTaking({ ...own, tasks: Math.min(200, side.waiting * 0.3) })
  const idle = await idleCpu(house, quick ? 3_000 : 10_000, stop)
  const memory = {
    api: residentBytes(house.pids.api),
    worker: residentBytes(house.pids.workers[0] ?? 0),
    redis: await redisBytes(redis?.url ?? ''),
  }
  return { side, calls: took, fetched, board, taken, sent, countsKept, chores, idle, memory }
}

type Own = Awaited<ReturnType<typeof ownParts>>

/** What the bench itself has of the house: its database, its queue, its storage. */
async function ownParts(options: { parts: AsyncDisposableStack; house: BenchHouse; queueUrl: string }) {
  const { parts, house, queueUrl } = options
  const onError = () => undefined
  const config = loadConfig({
    AUTH: 'none',
    STORAGE_DIR: house.media,
    DATABASE_URL: house.databaseUrl,
    SIGNING_SECRET: 'the secret of a bench',
  })
  const db = parts.adopt(openDatabase({ url: house.databaseUrl, name: 'bench', onError }), (it) => it.destroy())
  const queue = parts.adopt(connectQueues({ url: queueUrl, onError }), (it) => it.close())
  const sender = parts.adopt(createSender(queue), (it) => it.close())
  const storage = parts.adopt(await openStorage(storageSettings(config)), (it) => it.close())
  return { db, config, queue, sender, storage }
}

/** Rows first; then the relay of the worker sends them, as it does when a queue has lost everything. */
async function fill({ db, config, side, stop }: Own & { side: Side; stop: AbortSignal }): Promise<number | undefined> {
  if (side.finished > 0) await fillFinished({ db, config }, side.finished)
  if (side.waiting === 0) return undefined
  await fillWaiting({ db, config }, side.waiting)
  // It began while the rows were written.
  const left = await unsent(db)
  const startedAt = performance.now()
  const ask = async () => ((await unsent(db)) === 0 ? true : undefined)
  await waitUntil({ what: 'the relay', timeoutMs: 300_000, signal: stop, ask })
  return left / ((performance.now() - startedAt) / 1000)
}

async function idInTheMiddle({ db }: Own): Promise<string> {
  const { all } = await db.selectFrom('assets').select(db.fn.countAll<number>().as('all')).executeTakeFirstOrThrow()
  const inOrder = db.selectFrom('assets').select('id').orderBy('id')
  const middle = inOrder.offset(Math.floor(all / 2)).limit(1)
  return (await middle.executeTakeFirst())?.id ?? newId()
}

/** Whether a queue has the same number of jobs while it is paused, and after. */
async function pausesAndResumes({ sender }: Own, { url }: BenchHouse): Promise<boolean> {
  const counted = async () => {
    const counts = await sender.queues.get('intake')?.getJobCounts()
    return Object.values(counts ?? {}).reduce((sum, count) => sum + count, 0)
  }
  const before = await counted()
  await press(url, { queue: 'intake', button: 'pause' })
  const paused = await counted()
  await press(url, { queue: 'intake', button: 'resume' })
  return paused === before && (await counted()) === before
}

async function idleCpu({ pids }: BenchHouse, ms: number, stop: AbortSignal): Promise<Facts['idle']> {
  const all = () => [pids.api, pids.workers[0] ?? 0, pids.postgres].map(treeCpuSeconds)
  const before = all()
  await pause(ms, undefined, { signal: stop })
  const [api = 0, worker = 0, postgres = 0] = all().map((after, n) => (after - (before[n] ?? 0)) / (ms / 1000))
  return { api, worker, postgres }
}
