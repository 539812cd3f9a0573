import { type ChildProcess, execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { table } from '../docs/table.ts'
import { type BenchHouse, openHouse } from './house.ts'
import { median } from './median.ts'
import { sendOverTus } from './tus-send.ts'
import type { Wishes } from './wishes.ts'

const bare = fileURLToPath(new URL('./tus-bare.ts', import.meta.url))
const MiB = 2 ** 20

/** Our tus endpoint against @tus/server with its own store: how fast bytes come in, and what memory the API takes for it. */
export async function benchTus(folder: string, { quick, stop }: Wishes): Promise<void> {
  await using house = await openHouse({ folder, workers: [], env: { MAX_UPLOAD_BYTES: '10GiB' }, stop })
  const cases = [
    { name: 'one request', bytes: (quick ? 64 : 512) * MiB, stepBytes: 10_000 * MiB },
    { name: 'requests of 8 MiB', bytes: (quick ? 64 : 256) * MiB, stepBytes: 8 * MiB },
  ]
  const rows = []
  for (const one of cases) rows.push(await compare({ house, folder, rounds: quick ? 5 : 9, stop, ...one }))
  const head = ['an upload in', 'rounds', 'ours', 'bare @tus/server', 'ours ÷ bare']
  console.log(`Local storage; medians of rounds in turn\n\n${table({ head, rows })}\n`)
  console.log(await watchMemory({ house, bytes: (quick ? 512 : 5_120) * MiB, stop }))
}

type Comparing = {
  house: BenchHouse
  folder: string
  name: string
  bytes: number
  stepBytes: number
  rounds: number
  stop: AbortSignal
}

async function compare({ house, folder, name, bytes, stepBytes, rounds, stop }: Comparing): Promise<string[]> {
  const directory = `${folder}/bare`
  await mkdir(directory, { recursive: true })
  // As it comes: without the flags that our own processes run with.
  const server = fork(bare, [directory], { execArgv: [] })
  const took = { ours: [] as number[], bare: [] as number[] }
  try {
    const [endpoint] = (await once(server, 'message')) as [string]
    for (let round = -1; round < rounds; round++) {
      const [ours, theirs] = [
        await timed({ endpoint: `${house.url}/v1/tus`, bytes, stepBytes, stop, clean: (id) => clean(house, id) }),
        await timed({ endpoint, bytes, stepBytes, stop, clean: (id) => rm(`${directory}/${id}`) }),
      ]
      // The first round is to warm up.
      if (round < 0) continue
      took.ours.push(ours)
      took.bare.push(theirs)
    }
  } finally {
    await stopped(server)
  }
  const speed = (seconds: number[]) => bytes / 1e6 / median(seconds)
  const [ours, theirs] = [speed(took.ours), speed(took.bare)]
  return [name, `${rounds}`, `${ours.toFixed(0)} MB/s`, `${theirs.toFixed(0)} MB/s`, (ours / theirs).toFixed(2)]
}

type Timed = Parameters<typeof sendOverTus>[0] & { clean(id: string): Promise<unknown> }

/** What the other one left for the disk to write is written before the clock starts. */
async function timed({ clean, ...sending }: Timed): Promise<number> {
  execFileSync('sync')
  const { id, seconds } = await sendOverTus(sending)
  await clean(id)
  return seconds
}

async function clean(house: BenchHouse, id: string): Promise<void> {
  await rm(`${house.media}/default/${id}`, { recursive: true })
}

async function stopped(server: ChildProcess): Promise<void> {
  const ended = once(server, 'exit')
  server.kill('SIGTERM')
  await ended
}

async function watchMemory({
  house,
  bytes,
  stop,
}: {
  house: BenchHouse
  bytes: number
  stop: AbortSignal
}): Promise<string> {
  const memory = () =>
    Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${house.pids.api}/status`, 'utf8'))?.[1]) / 1024
  const over = new AbortController()
  const seen: number[] = []
  const watching = (async () => {
    while (!over.signal.aborted) {
      seen.push(memory())
      await pause(250)
    }
  })()
  const before = memory()
  const { id, seconds } = await sendOverTus({ endpoint: `${house.url}/v1/tus`, bytes, stepBytes: bytes, stop })
  over.abort()
  await watching
  await clean(house, id)
  const quarter = (n: number) => {
    const part = seen.slice((n * seen.length) / 4, ((n + 1) * seen.length) / 4)
    return `${median(part).toFixed(0)} MB`
  }
  const size = `${(bytes / MiB / 1024).toFixed(1)} GiB in ${seconds.toFixed(0)} s`
  const head = ['memory of the API', 'before', '1st quarter', '2nd', '3rd', '4th', 'most']
  const most = `${Math.max(...seen).toFixed(0)} MB`
  return table({
    head,
    rows: [[size, `${before.toFixed(0)} MB`, quarter(0), quarter(1), quarter(2), quarter(3), most]],
  })
}
