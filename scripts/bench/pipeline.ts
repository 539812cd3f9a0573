import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { defaultProfile } from '../../core/media/built-in-profiles.ts'
import { planVideo, type VideoPlan } from '../../core/media/video-plan.ts'
import { probe } from '../../workers/edges/ffprobe.ts'
import { defaultLimits } from '../../workers/edges/limits.ts'
import { findTools } from '../../workers/edges/tools.ts'
import { table } from '../docs/table.ts'
import { bareCommand, perRungCommands } from './bare.ts'
import { filmMaker } from './film.ts'
import { type BenchHouse, openHouse } from './house.ts'
import { median } from './median.ts'
import { reapedCpuSeconds, treeCpuSeconds } from './process-tree.ts'
import { sendFilm } from './send.ts'
import type { Wishes } from './wishes.ts'

type Run = { wall: number; cpu: number; api: number; postgres: number; mb: number }

/** Our whole pipeline against one bare ffmpeg with the same outputs, and against a process per rung. */
export async function benchPipeline(folder: string, { quick, films: shared, stop }: Wishes): Promise<void> {
  const [seconds, rounds] = quick ? [20, 1] : [60, 5]
  const tools = await findTools({ searchPath: process.env['PATH'] })
  const films = filmMaker({ folder: shared, ffmpeg: tools.ffmpeg, stop, reelSeconds: seconds })
  const source = await films.film({ seconds })
  const info = await probe({ tools, path: source, cwd: folder, signal: stop })
  const plan = planVideo({ info, profile: defaultProfile })
  await using house = await openHouse({ folder, stop })
  const bare = (commands: (made: Made) => string[][]) =>
    timeCommands({ commands, plan, source, ffmpeg: tools.ffmpeg, out: `${folder}/bare`, stop })
  const runs: Record<string, { name: string; times: number; once: () => Promise<Run>; took: Run[] }> = {
    ours: { name: 'our whole pipeline', times: rounds, once: () => timeHouse({ house, source, stop }), took: [] },
    bare: { name: 'one bare ffmpeg command', times: rounds, once: () => bare((made) => [bareCommand(made)]), took: [] },
    // Far off, so that once is enough to say how far.
    perRung: { name: 'a process per rung, all at once (once)', times: 1, once: () => bare(perRungCommands), took: [] },
  }
  // The first start of everything is nobody's measurement.
  await timeHouse({ house, source: await films.film({ seconds: 4 }), stop })
  for (let round = 0; round < rounds; round++) {
    for (const run of Object.values(runs)) if (round < run.times) run.took.push(await run.once())
  }

  const ours = runs['ours']?.took ?? []
  const of = (took: Run[], what: keyof Run) => median(took.map((run) => run[what]))
  const share = (took: Run[], what: keyof Run) => (of(ours, what) / of(took, what)).toFixed(2)
  console.log(`${seconds} s of 1080p with sound to ${plan.renditions.map(({ name }) => name).join(', ')}:`)
  console.log(`medians of ${rounds}, in turn\n`)
  const head = ['', 'wall', 'CPU', 'segments', 'our wall ÷ its', 'our CPU ÷ its']
  const rows = Object.values(runs).map(({ name, took }) => [
    ...[name, `${of(took, 'wall').toFixed(1)} s`, `${of(took, 'cpu').toFixed(1)} s`, `${of(took, 'mb').toFixed(1)} MB`],
    ...(took === ours ? ['', ''] : [share(took, 'wall'), share(took, 'cpu')]),
  ])
  console.log(table({ head, rows }))
  const beside = `API ${of(ours, 'api').toFixed(2)} s, Postgres ${of(ours, 'postgres').toFixed(2)} s`
  console.log(`\nOur CPU is the worker and its children; beside it, of CPU: ${beside}.`)
  console.log(`Walls of each round: ${Object.values(runs).map(wallsOf).join('; ')}`)
}

const wallsOf = ({ name, took }: { name: string; took: Run[] }) =>
  `${name} ${took.map(({ wall }) => wall.toFixed(1)).join(' ')}`

/** From the first byte sent until `ready`: upload, thumbnails, storyboard and verification are all in it. */
async function timeHouse({ house, source, stop }: { house: BenchHouse; source: string; stop: AbortSignal }) {
  const { api, postgres, workers } = house.pids
  const used = () => ({
    cpu: workers.reduce((sum, pid) => sum + treeCpuSeconds(pid), 0),
    api: treeCpuSeconds(api),
    postgres: treeCpuSeconds(postgres),
  })
  const before = used()
  const { wall, asset } = await sendFilm({ house, file: source, stop })
  const after = used()
  const mb = await segmentMegabytes(house.media, asset.id)
  return {
    ...{ wall, mb, cpu: after.cpu - before.cpu },
    ...{ api: after.api - before.api, postgres: after.postgres - before.postgres },
  }
}

type Made = { plan: VideoPlan; source: string; folder: string }
type Commands = Omit<Made, 'folder'> & {
  commands: (made: Made) => string[][]
  ffmpeg: string
  out: string
  stop: AbortSignal
}

/** With the low priority that our worker gives its children, so that a neighbour takes as much from both. */
async function timeCommands({ commands, plan, source, ffmpeg, out, stop }: Commands): Promise<Run> {
  await mkdir(out)
  const [startedAt, before] = [performance.now(), reapedCpuSeconds()]
  const ends = commands({ plan, source, folder: out }).map(async (args) => {
    const child = spawn('nice', ['-n', `${defaultLimits.nice}`, ffmpeg, ...args], {
      cwd: out,
      stdio: 'inherit',
      signal: stop,
    })
    const [code] = await once(child, 'exit')
    if (code !== 0) throw new Error(`ffmpeg ended with ${code}`)
  })
  await Promise.all(ends)
  const wall = (performance.now() - startedAt) / 1000
  const cpu = reapedCpuSeconds() - before
  const mb = await segmentMegabytes(out)
  await rm(out, { recursive: true })
  return { wall, cpu, mb, api: 0, postgres: 0 }
}

async function segmentMegabytes(folder: string, part = ''): Promise<number> {
  const all = await readdir(folder, { recursive: true })
  const names = all.filter((name) => name.includes(part) && name.endsWith('.m4s'))
  const sizes = await Promise.all(names.map(async (name) => (await stat(path.join(folder, name))).size))
  return sizes.reduce((sum, size) => sum + size, 0) / 1e6
}
