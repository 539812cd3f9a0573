import { findTools } from '../../workers/edges/tools.ts'
import { table } from '../docs/table.ts'
import { filmMaker } from './film.ts'
import { type BenchHouse, openHouse } from './house.ts'
import { median } from './median.ts'
import { sendFilm, takeBack, waits } from './send.ts'
import type { Wishes } from './wishes.ts'

type Case = { name: string; seconds: number; toTheEnd: boolean }

/** How long viewers wait for films of all lengths, from the last byte received. */
export async function benchPlayable(folder: string, { quick, full, films: shared, stop }: Wishes): Promise<void> {
  const tools = await findTools({ searchPath: process.env['PATH'] })
  const films = filmMaker({ folder: shared, ffmpeg: tools.ffmpeg, stop, reelSeconds: quick ? 20 : 60 })
  const cases: Case[] = [
    { name: '10 s', seconds: 10, toTheEnd: true },
    { name: '1 min', seconds: 60, toTheEnd: !quick },
    { name: '10 min', seconds: 600, toTheEnd: !quick },
    { name: '60 min', seconds: 3600, toTheEnd: full },
  ]
  const rounds = quick ? 1 : 3
  const took = new Map(cases.map(({ name }): [string, Awaited<ReturnType<typeof watch>>[]] => [name, []]))
  // All made before the clock runs, and one sent ahead: the first start of everything is nobody's measurement.
  for (const { seconds } of cases) await films.film({ seconds })
  await using house = await openHouse({ folder, stop })
  await watch({ house, file: await films.film({ seconds: 4 }), toTheEnd: true, stop })
  for (let round = 0; round < rounds; round++) {
    for (const { name, seconds, toTheEnd } of cases) {
      const file = await films.film({ seconds })
      took.get(name)?.push(await watch({ house, file, toTheEnd: toTheEnd && round === 0, stop }))
    }
  }
  console.log(`1080p with sound; from the last byte received; playable: medians of ${rounds}, ready: once\n`)
  const rows = cases.map(({ name }) => {
    const runs = took.get(name) ?? []
    const [first] = runs
    const playable = median(runs.flatMap((run) => run.playable ?? []))
    const ready = first?.ready === undefined ? 'not waited for' : `${first.ready.toFixed(1)} s`
    return [name, `${((first?.bytes ?? 0) / 1e6).toFixed(0)} MB`, `${playable.toFixed(1)} s`, ready]
  })
  console.log(table({ head: ['length', 'source', 'playable after', 'ready after'], rows }))
}

type Watch = { house: BenchHouse; file: string; toTheEnd: boolean; stop: AbortSignal }

async function watch({ house, file, toTheEnd, stop }: Watch) {
  const until = toTheEnd ? {} : { until: ({ playable }: { playable: boolean }) => playable }
  const { asset } = await sendFilm({ house, file, stop, ...until })
  const seen = { ...waits(asset), bytes: asset.source.bytes ?? 0 }
  await takeBack({ house, asset, stop })
  return seen
}
