import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, rm } from 'node:fs/promises'
import { defaultProfile } from '../../core/media/built-in-profiles.ts'
import { planStoryboard } from '../../core/media/storyboard.ts'
import { planVideo } from '../../core/media/video-plan.ts'
import { openStillBench } from '../../fixtures/still-bench.ts'
import { probe } from '../../workers/edges/ffprobe.ts'
import { defaultLimits } from '../../workers/edges/limits.ts'
import { findTools, type MediaTools } from '../../workers/edges/tools.ts'
import { makeStills } from '../../workers/video/stills.ts'
import { makeStoryboard } from '../../workers/video/storyboard.ts'
import { table } from '../docs/table.ts'
import { bareCommand } from './bare.ts'
import { filmMaker } from './film.ts'
import { median } from './median.ts'
import { reapedCpuSeconds, treeCpuSeconds } from './process-tree.ts'
import type { Wishes } from './wishes.ts'

type Took = { wall: number; cpu: number }

/** Thumbnails and storyboard of films of several lengths, and what share of encoding them the storyboard costs. */
export async function benchStills(folder: string, { quick, stop }: Wishes): Promise<void> {
  const minute = quick ? 10 : 60
  const lengths = quick ? [minute, 10 * minute] : [minute, 10 * minute, 120 * minute]
  const tools = await findTools({ searchPath: process.env['PATH'] })
  const rows: string[][] = []
  for (const keyframeSeconds of [2, 10]) {
    const home = `${folder}/keyframes-${keyframeSeconds}`
    await mkdir(home)
    const films = filmMaker({ folder: home, ffmpeg: tools.ffmpeg, stop, reelSeconds: minute, keyframeSeconds })
    const encode = await timeEncode({ source: await films.film({ seconds: minute }), tools, folder: home, stop })
    for (const seconds of lengths) {
      const source = await films.film({ seconds })
      const rounds = { source, tools, stop, times: quick ? 1 : 5 }
      const stills = await medians({ ...rounds, make: makeThree })
      const storyboard = await medians({ ...rounds, make: makeSheets })
      // The longer film is the shorter one again and again: encoding it costs so many times as much.
      const whole = (encode.cpu * seconds) / minute
      rows.push([
        ...[length(seconds), `${keyframeSeconds} s`, inSeconds(stills.wall), inSeconds(stills.cpu)],
        ...[inSeconds(storyboard.wall), inSeconds(storyboard.cpu), inSeconds(whole)],
        `${((100 * storyboard.cpu) / whole).toFixed(1)} %`,
      ])
      if (seconds > minute) await rm(source)
    }
    await rm(home, { recursive: true })
  }
  const head = [
    ...['1080p film', 'keyframes every', 'three thumbnails, poster, placeholder', 'CPU'],
    ...['storyboard', 'CPU', 'CPU of encoding', 'storyboard ÷ encoding'],
  ]
  console.log(table({ head, rows }))
  console.log(
    `\nMedians of ${quick ? 1 : 5}; encoding is one bare ffmpeg command for the same qualities, CPU is user and system.`,
  )
}

const inSeconds = (value: number) => `${value.toFixed(1)} s`
function length(seconds: number): string {
  if (seconds % 60 !== 0) return `${seconds} s`
  return seconds < 3600 ? `${seconds / 60} min` : `${seconds / 3600} h`
}

type Make = (options: { source: string; tools: MediaTools; stop: AbortSignal }) => Promise<() => Promise<unknown>>

/** Probing is not in it: it is done once, before anything is made. */
async function medians({ make, times, ...rest }: Parameters<Make>[0] & { make: Make; times: number }): Promise<Took> {
  const took: Took[] = []
  for (let n = 0; n < times; n++) {
    const work = await make(rest)
    const [startedAt, before] = [performance.now(), treeCpuSeconds(process.pid)]
    await work()
    const wall = (performance.now() - startedAt) / 1000
    took.push({ wall, cpu: treeCpuSeconds(process.pid) - before })
  }
  return { wall: median(took.map(({ wall }) => wall)), cpu: median(took.map(({ cpu }) => cpu)) }
}

const makeThree: Make = async ({ source, tools, stop }) => {
  const info = await probe({ tools, path: source, cwd: '/', signal: stop })
  const wishes = { thumbnails: 'cover', poster: true } as const
  return () => atDesk(stop, ({ bench, put }) => makeStills({ info, sourcePath: source, wishes, tools, bench, put }))
}

const makeSheets: Make = async ({ source, tools, stop }) => {
  const info = await probe({ tools, path: source, cwd: '/', signal: stop })
  const { origin, seekZero, duration } = planVideo({ info, profile: defaultProfile })
  if (!info.video) throw new Error('the film has no pictures')
  const plan = planStoryboard({ source: info.video, duration, origin, seekZero })
  return () => atDesk(stop, ({ bench, put }) => makeStoryboard({ info, plan, sourcePath: source, tools, bench, put }))
}

type Desk = Awaited<ReturnType<typeof openStillBench>>

async function atDesk(signal: AbortSignal, work: (desk: Desk) => Promise<unknown>): Promise<void> {
  const desk = await openStillBench()
  try {
    await work({ ...desk, bench: { ...desk.bench, signal } })
  } finally {
    await desk.close()
  }
}

type Encode = { source: string; tools: MediaTools; folder: string; stop: AbortSignal }

async function timeEncode({ source, tools, folder, stop }: Encode): Promise<{ cpu: number }> {
  const info = await probe({ tools, path: source, cwd: '/', signal: stop })
  const plan = planVideo({ info, profile: defaultProfile })
  const out = `${folder}/encoded`
  await mkdir(out)
  const before = reapedCpuSeconds()
  const args = ['-n', `${defaultLimits.nice}`, tools.ffmpeg, ...bareCommand({ plan, source, folder: out })]
  const [code] = await once(spawn('nice', args, { cwd: out, stdio: 'inherit', signal: stop }), 'exit')
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}`)
  await rm(out, { recursive: true })
  return { cpu: reapedCpuSeconds() - before }
}
