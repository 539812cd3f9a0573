import { defaultProfile } from '../../core/media/built-in-profiles.ts'
import { findTools } from '../../workers/edges/tools.ts'
import { table } from '../docs/table.ts'
import { measureCosts } from './fleet/measure.ts'
import { type Fleet, simulateFleet } from './fleet/simulate.ts'
import type { Arrival, Costs, Line, VideoProfile } from './fleet/work.ts'
import { median } from './median.ts'
import type { Wishes } from './wishes.ts'

const hours = 2
const clipSeconds = 30
const clipsForEach = 5
const machines = { coresPerMachine: 8, bytesPerSecond: 300e6 }

/** What more workers do to a long film: measured costs, simulated fleets. */
export async function benchFleet(folder: string, { quick, films, stop }: Wishes): Promise<void> {
  const { ffmpeg } = await findTools({ searchPath: process.env['PATH'] })
  const seconds = quick ? { short: 20, long: 120, pictures: 36 } : { short: 60, long: 600, pictures: 100 }
  const { bytes, ...costs } = await measureCosts({ folder, films, ffmpeg, seconds, stop })
  const { video } = defaultProfile
  if (video === false) throw new Error('the default profile has no video')
  console.log(`Measured, 1080p with sound, on one core:\n\n${costTable(costs)}\n`)
  const film: Arrival = { at: 0, seconds: hours * 3600, bytes: hours * 3600 * bytes }
  console.log(`Simulated: a film of ${hours} h (${(film.bytes / 1e9).toFixed(1)} GB); workers of one core,`)
  console.log(
    `${machines.coresPerMachine} to a machine, which fetches ${machines.bytesPerSecond / 1e6} MB/s from storage. Backlog:`,
  )
  console.log(`${clipsForEach} clips of ${clipSeconds} s for each worker, which came a second before the film.\n`)
  const fleets = [1, 2, 10, 100, 1000].map((workers): Fleet => ({ workers, ...machines }))
  console.log(fleetTable({ fleets, film, costs, video }))
}

function costTable(costs: Costs): string {
  const line = (name: string, { each, perSecond }: Line) => [
    name,
    `${each.toFixed(2)} s`,
    `${(perSecond * 1000).toFixed(1)} ms`,
  ]
  const flat = (name: string, each: number) => [name, `${each.toFixed(2)} s`, '']
  return table({
    head: ['task', 'each', 'and for a second of film'],
    rows: [
      flat('inspect', costs.inspect),
      line('encode, one piece', costs.encode),
      line('sound', costs.sound),
      line('stills', costs.stills),
      flat('publish', costs.publish),
      line('publish, the last one', costs.last),
    ],
  })
}

type Compare = { fleets: Fleet[]; film: Arrival; costs: Costs; video: VideoProfile }

function fleetTable({ fleets, film, costs, video }: Compare): string {
  const rows = fleets.map((fleet) => {
    const alone = simulateFleet({ arrivals: [film], fleet, costs, video })
    const clip: Arrival = { at: 0, seconds: clipSeconds, bytes: (film.bytes / film.seconds) * clipSeconds }
    const clips = Array.from({ length: clipsForEach * fleet.workers }, () => clip)
    const crowd = simulateFleet({ arrivals: [...clips, { ...film, at: 1 }], fleet, costs, video })
    const [own, among] = [alone.films[0], crowd.films.at(-1)]
    const others = crowd.films.slice(0, -1)
    return [
      ...[String(fleet.workers), span(own?.playable), span(own?.ready)],
      `${((100 * alone.work) / (fleet.workers * (own?.ready ?? Number.NaN))).toFixed(0)} %`,
      ...[span(among?.playable), span(among?.ready), span(median(others.map(({ playable }) => playable)))],
      span(median(others.map(({ ready }) => ready))),
    ]
  })
  const head = ['workers', 'playable', 'ready', 'efficiency']
  const crowded = ['with backlog: playable', 'ready', 'a clip: playable', 'ready']
  return table({ head: [...head, ...crowded], rows })
}

function span(seconds = Number.NaN): string {
  if (seconds < 120) return `${seconds.toFixed(1)} s`
  return seconds < 7200 ? `${(seconds / 60).toFixed(1)} min` : `${(seconds / 3600).toFixed(1)} h`
}
