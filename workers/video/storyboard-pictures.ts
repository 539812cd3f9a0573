import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { VideoInfo } from '../../core/media/media-info.ts'
import { type StoryboardPlan, tileCount } from '../../core/media/storyboard.ts'
import { runFfmpeg } from '../edges/ffmpeg.ts'
import type { MediaTools } from '../edges/tools.ts'
import type { StillBench } from '../image/publish-stills.ts'
import { readTimes, type TileSearch, tileArgs } from './storyboard-args.ts'

/** One small picture that was decoded, on disk as raw RGB. */
export type TilePicture = { time: number; file: string; offset: number }

export type PictureSearch = (options: { search: TileSearch; interval: number }) => Promise<TilePicture[]>

/** Makes the function that looks for pictures in one file; times are those of playing. */
export function pictureSearch(options: {
  video: VideoInfo
  plan: StoryboardPlan
  sourcePath: string
  tools: MediaTools
  bench: StillBench
}): PictureSearch {
  const { video, plan, sourcePath: path, tools, bench } = options
  const bytes = bytesOf(plan)
  let runs = 0
  return async ({ search, interval }) => {
    bench.signal.throwIfAborted()
    const name = join(bench.scratch, `tiles-${runs++}`)
    const files = { pictures: `${name}.rgb`, times: `${name}.txt` }
    const { origin, seekZero } = plan
    // One more: a keyframe may stand before the beginning, where an edit list hides it.
    const atMost = search.kind === 'keyframe' ? 1 : tileCount({ ...plan, interval }) + 1
    const args = tileArgs({ path, video, search, size: plan, interval, origin, seekZero, atMost, files })
    await runFfmpeg({ tools, args, cwd: bench.scratch, signal: bench.signal, stallMs: 10 * 60_000 })
    const times = readTimes(await readFile(files.times, 'latin1'))
    return times.map((time, n) => ({ time: time - origin, file: files.pictures, offset: n * bytes }))
  }
}

export const bytesOf = ({ width, height }: Pick<StoryboardPlan, 'width' | 'height'>) => width * height * 3

/** The pixels of some pictures in turn; each file is open only while it is read. */
export async function readPictures(pictures: readonly TilePicture[], bytes: number): Promise<Buffer[]> {
  const read: Buffer[] = []
  for (const { file, offset } of pictures) {
    const handle = await open(file, 'r')
    try {
      const buffer = Buffer.alloc(bytes)
      await handle.read(buffer, 0, bytes, offset)
      read.push(buffer)
    } finally {
      await handle.close()
    }
  }
  return read
}
