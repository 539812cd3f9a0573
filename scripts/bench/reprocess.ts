import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { nodeFlags } from '../../cli/node-flags.ts'
import { waitUntil } from '../../core/db/embedded/wait-until.ts'
import { type Database, openDatabase } from '../../core/db/open.ts'
import { plainImage } from '../../fixtures/images.ts'
import { copyAsset } from '../../test/setup/copied-assets.ts'
import { findTools } from '../../workers/edges/tools.ts'
import { table } from '../docs/table.ts'
import { filmMaker } from './film.ts'
import { type BenchHouse, openHouse } from './house.ts'
import { median } from './median.ts'
import { sendFilm, waits } from './send.ts'
import type { Wishes } from './wishes.ts'

const pauseMs = 3_000
const main = fileURLToPath(new URL('../../cli/sluice.js', import.meta.url))

/** Very many assets made anew, killed half-way and gone on with, while people upload and others watch what was there. */
export async function benchReprocess(folder: string, { quick, films: shared, stop }: Wishes): Promise<void> {
  const [assets, rounds] = quick ? [40, 3] : [1_000, 6]
  const tools = await findTools({ searchPath: process.env['PATH'] })
  const films = filmMaker({ folder: shared, ffmpeg: tools.ffmpeg, stop, reelSeconds: 6 })
  const film = await films.film({ seconds: 6, height: 360 })
  await using house = await openHouse({ folder, stop })
  const db = openDatabase({ url: house.databaseUrl, name: 'bench', connections: 2, onError: () => undefined })
  try {
    const address = await manyPictures({ house, db, assets })
    const live = async () => {
      const { asset } = await sendFilm({ house, file: film, stop })
      // People come now and then, and not each as soon as the one before is served.
      await pause(pauseMs, undefined, { signal: stop })
      return waits(asset).playable ?? Number.NaN
    }
    for (let round = 0; round < 2; round++) await live()
    const alone: number[] = []
    for (let round = 0; round < rounds; round++) alone.push(await live())

    const watch = watchAddress(address, stop)
    const startedAt = performance.now()
    const during: number[] = []
    let over = false
    const reprocessing = killedAndResumed({ house, db, stop }).finally(() => {
      over = true
    })
    while (!over || during.length < 2) during.push(await live())
    const killedAt = await reprocessing
    const seconds = (performance.now() - startedAt) / 1_000
    const seen = await watch.end()
    // A machine that became slower or faster meanwhile shows here.
    const after: number[] = []
    for (let round = 0; round < rounds; round++) after.push(await live())

    const withoutIt = median([...alone, ...after])
    const growth = 100 * (median(during) / withoutIt - 1)
    const figure = (values: number[]) => [
      String(values.length),
      `${median(values).toFixed(2)} s`,
      `${Math.max(...values).toFixed(2)} s`,
    ]
    const rows = [
      ['before', ...figure(alone)],
      ['while they are made anew', ...figure(during)],
      ['after', ...figure(after)],
    ]
    console.log(
      table({
        head: ['6 s of film, uploaded now and then', 'uploads', 'playable after, median', 'worst'],
        rows,
      }),
    )
    console.log(`\nTime to playable grew by ${growth.toFixed(0)} % meanwhile (at most 20 % is promised).`)
    console.log(`${assets} pictures made anew in ${seconds.toFixed(0)} s; killed after ${killedAt}, then gone on with.`)
    console.log(`Made anew exactly once: ${await madeOnce(db)} of ${assets}.`)
    console.log(`A former address was asked ${seen.asked} times meanwhile, and answered ${seen.answered} times.`)
  } finally {
    await db.destroy()
  }
}

/** One that went the whole way, and rows like its own for all the others. */
async function manyPictures({
  house,
  db,
  assets,
}: {
  house: BenchHouse
  db: Database
  assets: number
}): Promise<string> {
  const file = new Uint8Array(await plainImage({ width: 8, height: 8, color: 'teal', format: 'png' }))
  const { id } = await house.client.uploadFile(new Blob([file]), { profile: 'rehost', filename: 'a.png' })
  const asset = await house.client.waitUntilReady(id, { everyMs: 100 })
  await copyAsset(db, { id, times: assets - 1 })
  return asset.images[0]?.url ?? ''
}

/** How many were done when it was killed. */
async function killedAndResumed({
  house,
  db,
  stop,
}: {
  house: BenchHouse
  db: Database
  stop: AbortSignal
}): Promise<number> {
  const first = sluice(house, ['reprocess', '--kind', 'image', '--json'])
  const half = async () => {
    const row = await db
      .selectFrom('batch_items')
      .select([
        sql<number>`count(*)::int`.as('all'),
        sql<number>`count(*) FILTER (WHERE status = 'done')::int`.as('done'),
      ])
      .executeTakeFirstOrThrow()
    return row.all > 0 && row.done >= row.all / 2 ? row.done : undefined
  }
  const done = await waitUntil({ what: 'half of them', timeoutMs: 300_000, signal: stop, ask: half })
  first.kill('SIGKILL')
  await once(first, 'exit')
  const { id } = await db.selectFrom('batches').select('id').executeTakeFirstOrThrow()
  const second = sluice(house, ['reprocess', '--resume', id, '--json'])
  const [code] = await once(second, 'exit', { signal: stop })
  if (code !== 0) throw new Error(`sluice reprocess --resume ended with ${code}`)
  return done
}

function sluice(house: BenchHouse, args: string[]): ChildProcess {
  const env = {
    ...process.env,
    DATABASE_URL: house.databaseUrl,
    QUEUE_URL: house.databaseUrl,
    STORAGE_DIR: house.media,
  }
  return spawn(process.execPath, [...nodeFlags, main, ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] })
}

function watchAddress(address: string, stop: AbortSignal) {
  const seen = { asked: 0, answered: 0 }
  const timer = setInterval(async () => {
    seen.asked++
    const answer = await fetch(address, { signal: stop }).catch(() => undefined)
    if (answer?.ok && (await answer.arrayBuffer()).byteLength > 0) seen.answered++
    else if (stop.aborted) clearInterval(timer)
  }, 250)
  return {
    async end() {
      clearInterval(timer)
      await waitUntil({
        what: 'the last answer',
        timeoutMs: 10_000,
        ask: async () => seen.answered === seen.asked || undefined,
      }).catch(() => undefined)
      return seen
    },
  }
}

/** By the rows: ready in its second generation, and no third was begun. */
async function madeOnce(db: Database): Promise<number> {
  const row = await db
    .selectFrom('assets')
    .select(sql<number>`count(*)::int`.as('assets'))
    .where('kind', '=', 'image')
    .where('status', '=', 'ready')
    .where('generation', '=', 2)
    .where('target_generation', '=', 2)
    .executeTakeFirstOrThrow()
  return row.assets
}
