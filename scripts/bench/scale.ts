import { mkdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { findTools } from '../../workers/edges/tools.ts'
import { table } from '../docs/table.ts'
import { filmMaker } from './film.ts'
import { openHouse } from './house.ts'
import { sendFilm, waits } from './send.ts'
import type { Wishes } from './wishes.ts'

/** One film on one and on two workers that have one core each, they and all that they start; API and Postgres run where there is room. */
export async function benchScale(folder: string, { quick, films: shared, stop }: Wishes): Promise<void> {
  if (availableParallelism() < 2) throw new Error('this bench pins two workers to a core each, and there are not two')
  const seconds = quick ? 60 : 300
  const tools = await findTools({ searchPath: process.env['PATH'] })
  const films = filmMaker({ folder: shared, ffmpeg: tools.ffmpeg, stop, reelSeconds: quick ? 20 : 60 })
  const file = await films.film({ seconds })
  const short = await films.film({ seconds: 4 })
  const took: { playable?: number; ready?: number }[] = []
  for (const workers of [[{ core: 0 }], [{ core: 0 }, { core: 1 }]]) {
    const own = `${folder}/workers-${workers.length}`
    await mkdir(own)
    await using house = await openHouse({ folder: own, workers, stop })
    await sendFilm({ house, file: short, stop })
    took.push(waits((await sendFilm({ house, file, stop })).asset))
  }
  console.log(`${seconds} s of 1080p with sound, from the last byte received; each worker has one core\n`)
  const base = took[0]?.ready ?? Number.NaN
  const rows = took.map(({ playable, ready }, n) => [
    ...[String(n + 1), `${playable?.toFixed(1)} s`, `${ready?.toFixed(1)} s`],
    `${(base / (ready ?? Number.NaN)).toFixed(2)} times as fast`,
  ])
  console.log(table({ head: ['workers', 'playable after', 'ready after', ''], rows }))
}
