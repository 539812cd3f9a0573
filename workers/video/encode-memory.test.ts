import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { defaultProfile } from '../../core/media/built-in-profiles.ts'
import { chunkArgs } from '../../core/media/chunk-args.ts'
import { addressSpace, encodeMemory } from '../../core/media/cost.ts'
import { planVideo } from '../../core/media/video-plan.ts'
import { tempFolder } from '../../test/setup/temp-folder.ts'
import { runFfmpeg } from '../edges/ffmpeg.ts'
import { probe } from '../edges/ffprobe.ts'
import { layToneTables } from '../edges/tone-tables.ts'
import { findTools, type MediaTools } from '../edges/tools.ts'

let tools: MediaTools
let folder = ''
const { signal } = new AbortController()

beforeAll(async () => {
  folder = await tempFolder()
  tools = await findTools({ cpus: 2 })
})

type Source = { size: string; frames: number; extra?: string[] }
const hdr = ['-color_primaries', 'bt2020', '-color_trc', 'smpte2084', '-colorspace', 'bt2020nc']

async function planOf({ size, frames, extra = ['-pix_fmt', 'yuv420p'] }: Source) {
  const file = path.join(folder, `${size}.mp4`)
  const picture = ['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=24`, '-frames:v', String(frames)]
  await runFfmpeg({
    ...{ tools, cwd: folder, signal },
    args: [...picture, '-c:v', 'libx264', '-preset', 'ultrafast', '-qp', '40', ...extra, file],
  })
  const info = await probe({ tools, path: file, cwd: folder, signal })
  const { video } = info
  if (!video) throw new Error('a clip without pictures')
  const plan = planVideo({ info, profile: defaultProfile, chunking: 'single' })
  const [chunk] = plan.grid.chunks
  if (!chunk) throw new Error('a plan without chunks')
  for (const { name } of plan.renditions) await mkdir(path.join(folder, size, name), { recursive: true })
  const args = chunkArgs({ plan, chunk, sourcePath: file, scratch: path.join(folder, size), cpus: tools.cpus })
  const estimate = encodeMemory({ info, source: video, plan, cpus: tools.cpus })
  return { args, estimate, outputs: plan.renditions.length }
}

/** The most that a run of ffmpeg held at once, as the kernel counted. */
async function measured(args: string[]): Promise<{ held: number; reserved: number }> {
  const argv = ['-nostdin', '-v', 'error', '-y', '-cpucount', String(tools.cpus), ...args]
  await layToneTables({ args, cwd: folder })
  const child = spawn(tools.ffmpeg, argv, { cwd: folder, stdio: 'ignore', env: { MALLOC_ARENA_MAX: '4' } })
  const ended = once(child, 'close')
  const most = { held: 0, reserved: 0 }
  const look = setInterval(async () => {
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '')
    most.held = Math.max(most.held, 1024 * Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0))
    most.reserved = Math.max(most.reserved, 1024 * Number(/VmPeak:\s+(\d+)/.exec(status)?.[1] ?? 0))
  }, 10)
  const [code] = await ended
  clearInterval(look)
  expect(code).toBe(0)
  return most
}

const sources: [string, Source][] = [
  ['480p', { size: '854x480', frames: 72 }],
  ['1080p in five qualities', { size: '1920x1080', frames: 48 }],
  ['4K in ten bits, tone-mapped', { size: '3840x2160', frames: 24, extra: ['-pix_fmt', 'yuv420p10le', ...hdr] }],
]

test.each(sources)('%s: what it takes lies below the estimate, and not below a third of it', async (_, source) => {
  const { args, estimate, outputs } = await planOf(source)
  const { held, reserved } = await measured(args)
  expect(held).toBeLessThanOrEqual(estimate)
  expect(held).toBeGreaterThanOrEqual(estimate / 3)
  expect(reserved).toBeLessThan(addressSpace({ bytes: estimate, cpus: tools.cpus, outputs }))
})

test('a run that wants more than its limit ends with the code for that, and not with the machine', async () => {
  if (!tools.sandbox.some((word) => word.startsWith('--as'))) return
  const { args } = await planOf({ size: '1280x720', frames: 48 })
  const { reserved } = await measured(args)
  // Too little to start at all, and too little to go on.
  for (const memoryBytes of [200e6, 0.93 * reserved, 0.9 * reserved, 0.87 * reserved]) {
    const run = runFfmpeg({ tools, args, cwd: folder, signal, limits: { memoryBytes } })
    await expect(run).rejects.toMatchObject({ code: 'resource_limit' })
  }
})
