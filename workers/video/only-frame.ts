import { SluiceError } from '../../core/errors.ts'
import type { VideoInfo } from '../../core/media/media-info.ts'
import type { Size } from '../../core/media/renders.ts'
import { runFfmpegToBuffer } from '../edges/ffmpeg.ts'
import type { Picture } from '../edges/sharp.ts'
import type { MediaTools } from '../edges/tools.ts'
import type { StillBench } from '../image/publish-stills.ts'
import { frameArgs } from './stills-args.ts'

type Options = { video: VideoInfo; sourcePath: string; size: Size; tools: MediaTools; bench: StillBench }

/** The single frame of a video that has no other, as the picture it is. */
export async function decodeOnlyFrame({ video, sourcePath, size, tools, bench }: Options): Promise<Picture> {
  const point = { kind: 'stretch', length: 1, count: 1, pick: 0 } as const
  const bytes = size.width * size.height * 3
  const data = await runFfmpegToBuffer({
    tools,
    args: frameArgs({ path: sourcePath, video, point, size }),
    cwd: bench.scratch,
    signal: bench.signal,
    maxBytes: bytes,
  })
  if (data.length === bytes) return { data, ...size, channels: 3 }
  throw new SluiceError('corrupt_media', { message: `the only frame has ${data.length} bytes, not ${bytes}` })
}
