import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { InitFact, SegmentFact } from '../../core/media/hls-facts.ts'
import { runFfmpeg } from '../edges/ffmpeg.ts'
import type { Progress } from '../edges/ffmpeg-progress.ts'
import type { Child } from '../edges/process.ts'
import type { Limits } from '../edges/sandbox.ts'
import type { MediaTools } from '../edges/tools.ts'
import type { PutFile, Workbench } from '../task.ts'
import { type Naming, segmentCourier } from './segment-courier.ts'

type Options = {
  tools: MediaTools
  bench: Workbench
  put: PutFile
  args: string[]
  /** One folder of `bench.scratch` for each rendition. */
  outputs: { folder: string; naming: Naming }[]
  limits: Partial<Limits>
  fraction(progress: Progress): number | undefined
}

export type Made = { init: InitFact; segments: SegmentFact[] }

/** More finished segments than this on disk, for each rendition, and ffmpeg is held still until they are gone. */
const maxWaiting = 3

/** Runs one ffmpeg whose outputs are segments, and takes them away while it runs. Scratch use stays flat however long the source is. */
export async function encodeSegments(options: Options): Promise<Made[]> {
  const { tools, bench, put, args, outputs, limits, fraction } = options
  for (const { folder } of outputs) await mkdir(folder, { recursive: true })
  const couriers = outputs.map(({ folder, naming }) => segmentCourier({ folder, naming, put: guarded({ bench, put }) }))
  const failed = new AbortController()
  let child: Pick<Child, 'pause' | 'resume'> | undefined
  let round: Promise<void> | undefined

  const sweep = async () => {
    const waiting = await Promise.all(couriers.map((courier) => courier.waiting()))
    const behind = Math.max(...waiting) > maxWaiting
    if (behind) child?.pause()
    for (const courier of couriers) await courier.sweep()
    if (behind) child?.resume()
  }
  const startRound = () => {
    round ??= sweep()
      .catch((error: unknown) => failed.abort(error))
      .finally(() => {
        round = undefined
      })
  }

  try {
    await runFfmpeg({
      tools,
      args,
      cwd: bench.scratch,
      limits,
      signal: AbortSignal.any([bench.signal, failed.signal]),
      onStart: (started) => {
        child = started
      },
      onProgress: (progress) => {
        const done = fraction(progress)
        if (done !== undefined) bench.progress(Math.min(0.99, Math.max(0, done)))
        startRound()
      },
    })
  } finally {
    // A put that is under way must not outlive the task.
    await round
  }
  failed.signal.throwIfAborted()
  for (const courier of couriers) await courier.sweep()
  bench.progress(1)
  return couriers.map((courier) => courier.facts())
}

const guarded =
  ({ bench, put }: { bench: Workbench; put: PutFile }): PutFile =>
  async (key, file) => {
    bench.signal.throwIfAborted()
    bench.guard()
    return put(key, file)
  }

export const outputFolder = (bench: Workbench, name: string) => path.join(bench.scratch, name)

/** Time and CPU that a piece of this many seconds and pixels may take on a slow machine, before it is taken for hostile. */
export function encodeLimits({ seconds, pixels }: { seconds: number; pixels: number }): Partial<Limits> {
  const wallMs = Math.ceil(300_000 + seconds * 1000 * 30 * Math.max(0.25, pixels / (1920 * 1080)))
  return { wallMs, cpuSeconds: Math.ceil((wallMs / 1000) * 8) }
}
