import { SluiceError } from '../../core/errors.ts'
import { imageMemory } from '../../core/media/cost.ts'
import { coverArgs } from '../../core/media/cover-args.ts'
import { workingSize } from '../../core/media/renders.ts'
import { sniff } from '../../core/media/sniff.ts'
import { planStills, type StillWishes } from '../../core/media/thumbnails.ts'
import { runFfmpegToBuffer } from '../edges/ffmpeg.ts'
import type { ImageDesk } from '../edges/image-desk.ts'
import type { RenderedPicture } from '../edges/image-render.ts'
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
  images: Pick<ImageDesk, 'open' | 'render'>
  tenant: string
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

async function render(options: Omit<Options, 'task'>): Promise<RenderedPicture> {
  const { cover, sourcePath, maxPixels, tools, images, tenant, bench } = options
  const args = coverArgs({ sourcePath, index: cover.index })
  const bytes = await runFfmpegToBuffer({ tools, args, cwd: bench.scratch, signal: bench.signal, maxBytes })
  const kind = await sniff(bytes)
  if (kind?.family !== 'image') throw new SluiceError('unsupported_container', { message: 'the cover is no picture' })
  const picture = { bytes, limits: { ...limits, maxPixels }, tenant, signal: bench.signal }
  const source = await images.open(picture)
  const renders = planStills({ source, wishes: cover })
  const working = workingSize({ source, renders })
  const pixels = source.width * source.height
  const memory = imageMemory({ format: source.format, pixels, working: working.width * working.height })
  return images.render({ ...picture, plan: { working, renders }, memory })
}
