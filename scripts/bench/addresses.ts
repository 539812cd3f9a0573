import { openAsBlob } from 'node:fs'
import { findTools } from '../../workers/edges/tools.ts'
import { table } from '../docs/table.ts'
import { shortLivedOrigin } from './addresses-origin.ts'
import { filmMaker } from './film.ts'
import { type BenchHouse, openHouse } from './house.ts'
import type { Wishes } from './wishes.ts'

const livesMs = 60_000
const callsAtOnce = 16

/** Addresses that live for a minute, sent when the queue of videos is long already: how soon each is asked for its first byte. */
export async function benchAddresses(folder: string, { quick, films: shared, stop }: Wishes): Promise<void> {
  const [videos, addresses] = quick ? [100, 200] : [1_000, 1_000]
  const tools = await findTools({ searchPath: process.env['PATH'] })
  const films = filmMaker({ folder: shared, ffmpeg: tools.ffmpeg, stop, reelSeconds: 20 })
  const file = await films.film({ seconds: 8, height: 360 })
  await using origin = await shortLivedOrigin({ livesMs })
  await using house = await openHouse({ folder, env: { FETCH_ALLOW: '127.0.0.1' }, stop })
  const film = await openAsBlob(file)
  await several(videos, () => house.client.uploadFile(film, { filename: 'film.mp4' }))
  stop.throwIfAborted()

  const startedAt = performance.now()
  const calls = await several(addresses, (n) => call({ house, url: origin.address(n) }))
  const sentMs = performance.now() - startedAt
  await origin.served({ addresses, signal: stop })

  const waits = calls.map(({ calledAt }, n) => (origin.firstAsked(n) ?? Number.POSITIVE_INFINITY) - calledAt)
  const inTime = waits.filter((_, n) => origin.servedInTime(n)).length
  console.log(
    `${videos} videos queued, then ${addresses} addresses that live ${livesMs / 1000} s, ${callsAtOnce} calls at a time, sent within ${(sentMs / 1000).toFixed(1)} s; one worker\n`,
  )
  const rows = [
    ['the call itself', ...spread(calls.map(({ tookMs }) => tookMs))],
    ['from the call to the first byte asked for', ...spread(waits)],
  ]
  console.log(table({ head: ['', 'median', 'p99', 'worst'], rows }))
  console.log(`\nFetched in time: ${inTime} of ${addresses}.`)
}

async function call({ house, url }: { house: BenchHouse; url: string }): Promise<{ calledAt: number; tookMs: number }> {
  const calledAt = performance.now()
  await house.client.createAsset({ source: { url } })
  return { calledAt, tookMs: performance.now() - calledAt }
}

/** So many calls, some at a time; what came of them, in their order. */
async function several<Result>(count: number, one: (n: number) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  const left = Array.from({ length: count }, (_, n) => n).values()
  const lane = async () => {
    for (const n of left) results[n] = await one(n)
  }
  await Promise.all(Array.from({ length: callsAtOnce }, lane))
  return results
}

function spread(ms: number[]): string[] {
  const sorted = [...ms].sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
  return [0.5, 0.99, 1].map((share) => `${(at(share) / 1000).toFixed(2)} s`)
}
