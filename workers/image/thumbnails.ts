import { planThumbnails, type ThumbnailFit } from '../../core/media/thumbnails.ts'
import { renderPicture } from '../edges/image-render.ts'
import type { Picture } from '../edges/sharp.ts'
import { defaultImageLimits } from '../edges/sharp-setup.ts'
import type { PutFile } from '../task.ts'
import { publishStills, type StillBench, type StillOutput } from './publish-stills.ts'

/** The three thumbnails of pixels that are already decoded: a cover picture inside a song, for instance. */
export async function makeThumbnails(options: {
  picture: Picture
  fit: ThumbnailFit
  bench: StillBench
  put: PutFile
}): Promise<StillOutput[]> {
  const { picture, fit, bench, put } = options
  const { timeoutSeconds } = defaultImageLimits
  const { signal } = bench
  const { rendered } = await renderPicture({ picture, renders: planThumbnails({ fit }), timeoutSeconds, signal })
  return await publishStills({ rendered, bench, put })
}
