import { createHash } from 'node:crypto'
import { open, readdir, readFile, unlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { SluiceError } from '../../core/errors.ts'
import type { InitFact, SegmentFact, Track } from '../../core/media/hls-facts.ts'
import { type Init, readFragment, readInit } from '../../core/media/mp4-boxes.ts'
import { plainInit } from '../../core/media/plain-init.ts'
import type { PutFile } from '../task.ts'

type Options = {
  name: string
  folder: string
  /** In every segment's name, different for each run of a task: one that was overtaken never overwrites the winner's bytes. */
  mark: string
  put: PutFile
  /** What an earlier run has left: not put again. */
  already: Track | undefined
  /** Throws when a segment may not be shown to anybody. */
  check(segment: SegmentFact): void
}

/** Everything before the samples of a segment fits in this, even at 240 frames a second. */
const frontBytes = 256 * 1024

/**
 * Takes the segments of one rendition away as they appear: reads what they hold, puts them, removes them here.
 * ffmpeg gives a segment its name when it is whole (`temp_file`), so whatever has the name is finished.
 */
export function segmentCourier({ name, folder, mark, put, already, check }: Options) {
  const known = new Set(already?.segments.map(({ number }) => number))
  let init: (Init & { fact: InitFact }) | undefined

  const takeInit = async () => {
    const file = path.join(folder, 'init.mp4')
    const bytes = plainInit(await readFile(file))
    await writeFile(file, bytes)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const key = `hls/${name}/init-${sha256.slice(0, 12)}.mp4`
    const read = readInit(bytes)
    if (already?.init.sha256 !== sha256) await put(key, file)
    return { ...read, fact: { key, sha256, bytes: bytes.length, codec: read.codec } }
  }
  const take = async (number: number): Promise<SegmentFact> => {
    const file = path.join(folder, `${number}.m4s`)
    const fragment = readFragment(await frontOf(file))
    // Nothing to decode where something was planned: the source ends before its header says.
    if (!fragment) throw new SluiceError('corrupt_media', { message: `${file} holds nothing` })
    const { start, ticks, samples, startsWithKeyframe } = fragment
    if (!startsWithKeyframe)
      throw new SluiceError('output_invalid', { message: `${file} does not start with a keyframe` })
    init ??= await takeInit()
    const { timescale } = init
    const seen = { number, start: start / timescale, seconds: ticks / timescale, frames: samples }
    const key = `hls/${name}/${mark}-${number}.m4s`
    check({ ...seen, key, bytes: 0 })
    const { bytes } = await put(key, file)
    return { ...seen, key, bytes }
  }

  return {
    /** Finished segments that still lie here. */
    waiting: async () => (await finished(folder)).length,
    /** Takes what lies here now, and says what was new. */
    async sweep(): Promise<Track | undefined> {
      const segments: SegmentFact[] = []
      for (const number of await finished(folder)) {
        if (!known.has(number)) segments.push(await take(number))
        await unlink(path.join(folder, `${number}.m4s`))
      }
      return init && segments.length > 0 ? { name, init: init.fact, segments } : undefined
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
