import { mkdir, rm } from 'node:fs/promises'
import type { Asset } from '../../client/index.ts'
import { findTools } from '../../workers/edges/tools.ts'
import { table } from '../docs/table.ts'
import { type Film, filmMaker } from './film.ts'
import { openHouse } from './house.ts'
import { sendFilm, takeBack } from './send.ts'
import { watchFootprint } from './watch-footprint.ts'
import type { Wishes } from './wishes.ts'

type Case = Film & { name: string /** Seconds of work to look at; without it, all. */; watched?: number }

/** What a worker takes of disk and memory while it works, by the length of the film. */
export async function benchFootprint(folder: string, { quick, full, films: shared, stop }: Wishes): Promise<void> {
  const tools = await findTools({ searchPath: process.env['PATH'] })
  const films = filmMaker({ folder: shared, ffmpeg: tools.ffmpeg, stop, reelSeconds: quick ? 20 : 60 })
  const part = (watched: number) => (full ? {} : { watched })
  const cases: Case[] = [
    { name: '1 min of 1080p', seconds: 60, ...(quick ? part(30) : {}) },
    { name: '10 min of 1080p', seconds: 600, ...(quick ? part(30) : {}) },
    { name: '60 min of 1080p', seconds: 3600, ...part(quick ? 30 : 180) },
    { name: '60 min of 180p', seconds: 3600, height: 180, ...(quick ? part(30) : {}) },
  ]
  const rows: string[][] = []
  for (const [n, { name, watched, ...film }] of cases.entries()) {
    const file = await films.film(film)
    const own = `${folder}/case-${n}`
    await mkdir(own)
    {
      await using house = await openHouse({ folder: own, stop })
      const watch = watchFootprint({ scratch: house.scratch, worker: house.pids.workers[0] ?? 0 })
      const { asset } = await sendFilm({ house, file, stop, until: (asset) => isOver({ asset, watched }) })
      const most = await watch.end()
      await takeBack({ house, asset, stop })
      const mb = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`
      const seen = asset.status === 'ready' ? 'to the end' : `its first ${watched} s`
      const { scratch, worker, ffmpeg, others } = most
      rows.push([name, seen, ...[asset.source.bytes ?? 0, scratch, worker, others, ffmpeg].map(mb)])
    }
    await rm(own, { recursive: true })
  }
  const head = ['film', 'watched', 'source', 'scratch', 'worker', 'sharp and others', 'ffmpeg']
  console.log(
    `Most at any one moment; one worker, local storage; memory of one process each\n\n${table({ head, rows })}`,
  )
}

function isOver({ asset, watched }: { asset: Asset; watched: number | undefined }): boolean {
  const since = Date.now() - Date.parse(asset.createdAt)
  return (
    asset.status === 'ready' || (watched !== undefined && since - (asset.timings.receivedMs ?? since) > watched * 1000)
  )
}
