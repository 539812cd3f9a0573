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
import type { Workbench } from '../task.ts'

const maxBytes = 32 * 2 ** 20

export type CoverWishes = StillWishes & { index: number }

type Options = {
  cover: CoverWishes
  sourcePath: string
  maxPixels: number
  tools: MediaTools
  bench: Pick<Workbench, 'scratch' | 'signal' | 'log'>
}

/** The picture in front of a song as poster, thumbnails and placeholder. Undefined where it is none: that costs the song nothing. */
export async function renderCover(options: Options): Promise<RenderedPicture | undefined> {
  const { bench } = options
  try {
    return await render(options)
  } catch (err) {
    if (bench.signal.aborted || !(err instanceof SluiceError) || err.fate === 'later') throw err
    bench.log.warn({ err, code: err.code }, 'the cover picture cannot be used')
    return undefined
  }
}

async function render({ cover, sourcePath, maxPixels, tools, bench }: Options): Promise<RenderedPicture> {
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
