import type { ImagePlan } from '../../core/media/image-variants.ts'
import type { Placeholder } from '../../core/media/placeholder.ts'
import type { ImageDesk, Long } from '../edges/image-desk.ts'
import { renderPicture } from '../edges/image-render.ts'
import type { Picture } from '../edges/sharp.ts'
import type { ImageLimits } from '../edges/sharp-setup.ts'
import type { PutFile } from '../task.ts'
import { publishStills, type StillBench, type StillOutput } from './publish-stills.ts'

/** Everything that one picture becomes: variants and thumbnails from one decode, and its placeholder. */
export async function makeImageVariants(options: {
  source: Buffer
  plan: ImagePlan
  limits: ImageLimits
  images: Pick<ImageDesk, 'render'>
  tenant: string
  memory?: number | undefined
  long?: Long | undefined
  bench: StillBench
  put: PutFile
}): Promise<{ outputs: StillOutput[]; placeholder: Placeholder }> {
  const { source, images, bench, put, ...picture } = options
  const { rendered, placeholder } = await images.render({ ...picture, bytes: source, signal: bench.signal })
  return { outputs: await publishStills({ rendered, bench, put }), placeholder }
}

/** The same from pixels that are decoded already. */
export async function makePictureVariants(options: {
  picture: Picture
  plan: ImagePlan
  limits: ImageLimits
  bench: StillBench
  put: PutFile
}): Promise<{ outputs: StillOutput[]; placeholder: Placeholder }> {
  const { picture, plan, limits, bench, put } = options
  const { timeoutSeconds } = limits
  const { rendered, placeholder } = await renderPicture({
    ...{ picture, renders: plan.renders, timeoutSeconds, signal: bench.signal },
  })
  return { outputs: await publishStills({ rendered, bench, put }), placeholder }
}
