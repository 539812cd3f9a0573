import { createWriteStream } from 'node:fs'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Track, trackBytes } from '../../core/media/hls-facts.ts'
import { mp4Args } from '../../core/media/mp4-args.ts'
import type { Mp4Plan } from '../../core/media/mp4-plan.ts'
import type { VideoPlan } from '../../core/media/video-plan.ts'
import type { Storage } from '../../core/storage/storage.ts'
import { runFfmpeg } from '../edges/ffmpeg.ts'
import { needRoom } from '../edges/scratch.ts'
import type { MediaTools } from '../edges/tools.ts'
import { verifyMp4 } from '../publish/verify-mp4.ts'
import type { PutFile, Workbench } from '../task.ts'

type Options = {
  plan: VideoPlan
  mp4: Mp4Plan
  pictures: Track
  sound: Track | undefined
  /** Of the generation, below which the segments lie. */
  prefix: string
  tools: MediaTools
  bench: Workbench
  put: PutFile
}

/** The slowest disk that is not taken for a dead one. */
const bytesPerSecond = 5_000_000

/**
 * Joins segments into one file that plays while it loads. The pictures go from storage straight through ffmpeg; on
 * disk there is the file itself, and its sound once more.
 */
export async function makeMp4(options: Options): ReturnType<PutFile> {
  const { plan, mp4, pictures, sound, prefix, tools, bench, put } = options
  const { scratch, signal, storage } = bench
  const file = path.join(scratch, 'out.mp4')
  const bytes = trackBytes(pictures) + trackBytes(sound)
  await needRoom({ folder: scratch, bytes: bytes + trackBytes(sound) })
  const heard = sound && path.join(scratch, 'sound.mp4')
  const open = (track: Track) => joined({ track, prefix, storage, signal })
  if (sound && heard) await pipeline(open(sound).stream, createWriteStream(heard), { signal })
  const seen = open(pictures)
  // Moving the index to the front reads and writes all of it once more, in which ffmpeg says nothing.
  const wallMs = 300_000 + (bytes / bytesPerSecond) * 4_000
  try {
    await runFfmpeg({
      ...{ tools, signal, cwd: scratch, input: seen.stream },
      args: mp4Args({ plan, sound: heard, file }),
      stallMs: 60_000 + (bytes / bytesPerSecond) * 2_000,
      limits: { wallMs, cpuSeconds: wallMs / 1_000, fileBytes: Math.ceil(bytes * 1.1) + 64 * 2 ** 20 },
      onProgress: (made) => bench.progress(Math.min(0.9, (made.seconds ?? 0) / plan.duration)),
    })
  } finally {
    // Instead of whatever ffmpeg makes of half a stream: a storage that is away is no fault of the media.
    seen.throwIfBroken()
  }
  await verifyMp4({ plan, mp4, tools, path: file, cwd: scratch, signal })
  return await put(`video/${mp4.rendition}.mp4`, file)
}

type Joining = { track: Track; prefix: string; storage: Storage; signal: AbortSignal }

/** A track's segments as the one stream that they are. Whoever reads it cannot tell its end from a storage that broke off: `throwIfBroken` does. */
function joined({ track, prefix, storage, signal }: Joining) {
  let broken: { error: unknown } | undefined
  let handedOver = false
  async function* pieces() {
    try {
      for (const { key } of [track.init, ...track.segments])
        for await (const piece of await storage.get(prefix + key, { signal })) {
          handedOver = true
          yield piece
          handedOver = false
        }
    } catch (error) {
      // What is thrown in while a piece is with the reader is the reader's own failure, told by the reader.
      if (!handedOver) broken = { error }
      throw error
    }
  }
  return {
    stream: Readable.from(pieces(), { objectMode: false }),
    throwIfBroken() {
      if (broken) throw broken.error
    },
  }
}
