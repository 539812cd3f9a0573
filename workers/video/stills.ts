import { SluiceError } from '../../core/errors.ts'
import type { MediaInfo } from '../../core/media/media-info.ts'
import type { Placeholder } from '../../core/media/placeholder.ts'
import { workingSize } from '../../core/media/renders.ts'
import { planStills, type StillWishes } from '../../core/media/thumbnails.ts'
import { runFfmpegToBuffer } from '../edges/ffmpeg.ts'
import { renderPicture } from '../edges/image-render.ts'
import type { Picture } from '../edges/sharp.ts'
import { defaultImageLimits } from '../edges/sharp-setup.ts'
import type { MediaTools } from '../edges/tools.ts'
import { publishStills, type StillBench, type StillOutput } from '../image/publish-stills.ts'
import type { PutFile } from '../task.ts'
import { frameArgs } from './stills-args.ts'
import { choosePoint, type RunToBuffer } from './stills-choose.ts'

/** The poster, the three thumbnails and the placeholder of a video, all from its best frame. Costs seconds at any length. */
export async function makeStills(options: {
  info: MediaInfo
  sourcePath: string
  wishes: StillWishes
  tools: MediaTools
  bench: StillBench
  put: PutFile
}): Promise<{ outputs: StillOutput[]; placeholder: Placeholder }> {
  const { info, sourcePath, wishes, tools, bench, put } = options
  const { video } = info
  if (!video) throw new SluiceError('no_media_streams', { message: 'Stills were asked of a file without video' })
  const run: RunToBuffer = async ({ args, maxBytes }) => {
    bench.signal.throwIfAborted()
    return await runFfmpegToBuffer({ tools, args, cwd: bench.scratch, signal: bench.signal, maxBytes })
  }
  const renders = planStills({ source: video, wishes })
  const size = workingSize({ source: video, renders })
  const point = await choosePoint({ info, video, path: sourcePath, run })
  bench.signal.throwIfAborted()
  const bytes = size.width * size.height * 3
  const data = await run({ args: frameArgs({ path: sourcePath, video, point, size }), maxBytes: bytes })
  if (data.length !== bytes) {
    throw new SluiceError('corrupt_media', { message: `The chosen frame has ${data.length} bytes, not ${bytes}` })
  }
  const picture: Picture = { data, ...size, channels: 3 }
  const { timeoutSeconds } = defaultImageLimits
  const { rendered, placeholder } = await renderPicture({ picture, renders, timeoutSeconds, signal: bench.signal })
  return { outputs: await publishStills({ rendered, bench, put }), placeholder }
}
