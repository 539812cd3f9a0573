import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { addressSpace } from '../../core/media/cost.ts'
import type { SegmentFact, Track } from '../../core/media/hls-facts.ts'
import { runFfmpeg } from '../edges/ffmpeg.ts'
import type { Progress } from '../edges/ffmpeg-progress.ts'
import type { Limits } from '../edges/limits.ts'
import type { Child } from '../edges/process.ts'
import type { MediaTools } from '../edges/tools.ts'
import type { PutFile, Workbench } from '../task.ts'
import { segmentCourier } from './segment-courier.ts'
import type { SegmentLedger } from './segment-ledger.ts'

/** What of a workbench is needed. */
export type SegmentBench = Pick<Workbench, 'scratch' | 'signal' | 'progress' | 'guard'>

type Options = {
  tools: MediaTools
  bench: SegmentBench
  put: PutFile
  ledger: Pick<SegmentLedger, 'record'>
  args: string[]
  /** Tracks, each made by ffmpeg in a folder of `bench.scratch` with its name. */
  names: readonly string[]
  mark: Parameters<typeof segmentCourier>[0]['mark']
  already: readonly Track[]
  check(segment: SegmentFact): void
  limits: Partial<Limits>
  fraction(progress: Progress): number | undefined
  /** For what ffmpeg writes besides. */
  listen?: Pick<Parameters<typeof runFfmpeg>[0], 'onBytes' | 'onExtra'>
}

/** More finished segments than this on disk, for each rendition, and ffmpeg is held still until they are gone. */
const maxWaiting = 3

/** Runs one ffmpeg whose outputs are segments, and takes them away while it runs. Scratch use stays flat however long the source is. */
export async function encodeSegments(options: Options): Promise<void> {
  const { tools, bench, put, ledger, args, names, mark, already, check, limits, fraction } = options
  for (const name of names) await mkdir(path.join(bench.scratch, name), { recursive: true })
  const couriers = names.map((name) =>
    segmentCourier({
      ...{ name, mark, check },
      folder: path.join(bench.scratch, name),
      put: guarded({ bench, put }),
      already: already.find((track) => track.name === name),
    }),
  )
  const failed = new AbortController()
  let child: Pick<Child, 'pause' | 'resume'> | undefined
  let round: Promise<void> | undefined

  const take = async () => {
    const taken = await Promise.all(couriers.map((courier) => courier.sweep()))
    const tracks = taken.filter((track) => track !== undefined)
    if (tracks.length > 0) await ledger.record(tracks)
  }
  const sweep = async () => {
    const waiting = await Promise.all(couriers.map((courier) => courier.waiting()))
    const behind = Math.max(...waiting) > maxWaiting
    if (behind) child?.pause()
    await take()
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
      ...{ tools, args, limits, ...options.listen },
      cwd: bench.scratch,
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
  await take()
  bench.progress(1)
}

const guarded =
  ({ bench, put }: { bench: SegmentBench; put: PutFile }): PutFile =>
  async (key, file) => {
    bench.signal.throwIfAborted()
    bench.guard()
    return put(key, file)
  }

/** Time and CPU that a piece of this many seconds and pixels may take on a slow machine, before it is taken for hostile. */
export function encodeLimits({ seconds, pixels }: { seconds: number; pixels: number }): Partial<Limits> {
  const wallMs = Math.ceil(300_000 + seconds * 1000 * 30 * Math.max(0.25, pixels / (1920 * 1080)))
  return { wallMs, cpuSeconds: Math.ceil((wallMs / 1000) * 8) }
}

type Admitted = { memory?: number | undefined; cpus: number; outputs: number }

/** A run that was let in for so much memory is held to it, with room to spare. */
export function memoryLimit({ memory, cpus, outputs }: Admitted): Partial<Limits> {
  return memory === undefined ? {} : { memoryBytes: addressSpace({ bytes: memory, cpus, outputs }) }
}
