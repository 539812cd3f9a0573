import { SluiceError } from '../../core/errors.ts'
import { coverArgs } from '../../core/media/cover-args.ts'
import { workingSize } from '../../core/media/renders.ts'
import { sniff } from '../../core/media/sniff.ts'
import { planStills, type StillWishes } from '../../core/media/thumbnails.ts'
import { runFfmpegToBuffer } from '../edges/ffmpeg.ts'
import { type RenderedPicture, renderPicture } from '../edges/image-render.ts'
import { decodePicture, openImage } from '../edges/sharp.ts'
import { defaultImageLimits as limits } from '../edges/sharp-setup.ts'
import type { MediaTools } from '../edges/tools.ts'
import type { TaskRun } from '../house.ts'
import { isLastFailure } from '../last-failure.ts'

const maxBytes = 32 * 2 ** 20

export type CoverWishes = StillWishes & { index: number }

type Options = {
  cover: CoverWishes
  sourcePath: string
  maxPixels: number
  tools: MediaTools
  task: Pick<TaskRun['task'], 'failures'>
  bench: Pick<TaskRun['bench'], 'scratch' | 'signal' | 'log'>
}

/** The picture in front of a song as poster, thumbnails and placeholder. Undefined where it is none, or to the last cannot be made: that costs the song nothing. */
export async function renderCover(options: Options): Promise<RenderedPicture | undefined> {
  const { task, bench } = options
  try {
    return await render(options)
  } catch (err) {
    if (bench.signal.aborted || !isLastFailure({ thrown: err, kind: 'stills', task })) throw err
    bench.log.warn({ err }, 'the cover picture cannot be used')
    return undefined
  }
}

async function render({ cover, sourcePath, maxPixels, tools, bench }: Omit<Options, 'task'>): Promise<RenderedPicture> {
  const args = coverArgs({ sourcePath, index: cover.index })
  const bytes = await runFfmpegToBuffer({ tools, args, cwd: bench.scratch, signal: bench.signal, maxBytes })
  const kind = await sniff(bytes)
  if (kind?.family !== 'image') throw new SluiceError('unsupported_container', { message: 'the cover is no picture' })
  const own = { ...limits, maxPixels }
  const source = await openImage({ bytes, limits: own })
  const renders = planStills({ source, wishes: cover })
  const picture = await decodePicture({ bytes, limits: own, size: workingSize({ source, renders }) })
  return renderPicture({ picture, renders, timeoutSeconds: limits.timeoutSeconds, signal: bench.signal })
}
