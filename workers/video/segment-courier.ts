import { createHash } from 'node:crypto'
import { open, readdir, readFile, unlink } from 'node:fs/promises'
import path from 'node:path'
import { SluiceError } from '../../core/errors.ts'
import type { InitFact, SegmentFact } from '../../core/media/hls-facts.ts'
import { type Init, readFragment, readInit } from '../../core/media/mp4-boxes.ts'
import type { PutFile } from '../task.ts'

export type Naming = { init: (sha256: string) => string; segment: (number: number) => string }

/** Everything before the samples of a segment fits in this, even at 60 frames a second. */
const frontBytes = 256 * 1024

/**
 * Takes the segments of one rendition away as they appear: reads what they hold, puts them, removes them here.
 * ffmpeg gives a segment its name when it is whole (`temp_file`), so whatever has the name is finished.
 */
export function segmentCourier({ folder, naming, put }: { folder: string; naming: Naming; put: PutFile }) {
  const facts: SegmentFact[] = []
  let init: (Init & { fact: InitFact }) | undefined

  const takeInit = async () => {
    const file = path.join(folder, 'init.mp4')
    const bytes = await readFile(file)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const key = naming.init(sha256)
    const read = readInit(bytes)
    await put(key, file)
    return { ...read, fact: { key, sha256, bytes: bytes.length, codec: read.codec } }
  }
  const take = async (number: number) => {
    const file = path.join(folder, `${number}.m4s`)
    const fragment = readFragment(await frontOf(file))
    // Nothing to decode where something was planned: the source ends before its header says.
    if (!fragment) throw new SluiceError('corrupt_media', { message: `${file} holds nothing` })
    const { start, ticks, samples, startsWithKeyframe } = fragment
    if (!startsWithKeyframe)
      throw new SluiceError('output_invalid', { message: `${file} does not start with a keyframe` })
    init ??= await takeInit()
    const key = naming.segment(number)
    const { bytes } = await put(key, file)
    await unlink(file)
    facts.push({ key, number, bytes, start: start / init.timescale, seconds: ticks / init.timescale, frames: samples })
  }

  return {
    /** Finished segments that still lie here. */
    waiting: async () => (await finished(folder)).length,
    async sweep() {
      for (const number of await finished(folder)) await take(number)
    },
    facts(): { init: InitFact; segments: SegmentFact[] } {
      if (!init) throw new SluiceError('corrupt_media', { message: `nothing was made in ${folder}` })
      return { init: init.fact, segments: facts.toSorted((a, b) => a.number - b.number) }
    },
  }
}

async function finished(folder: string): Promise<number[]> {
  const numbers = (await readdir(folder)).flatMap((name) => /^(\d+)\.m4s$/.exec(name)?.[1] ?? [])
  return numbers.map(Number).sort((a, b) => a - b)
}

async function frontOf(file: string): Promise<Uint8Array> {
  await using handle = await open(file)
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(frontBytes), 0, frontBytes, 0)
  return buffer.subarray(0, bytesRead)
}
