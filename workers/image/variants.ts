import type { ImagePlan } from '../../core/media/image-variants.ts'
import type { Placeholder } from '../../core/media/placeholder.ts'
import type { DecodeDesk } from '../edges/heic.ts'
import { renderImage, renderPicture } from '../edges/image-render.ts'
import type { Picture } from '../edges/sharp.ts'
import type { ImageLimits } from '../edges/sharp-setup.ts'
import type { PutFile } from '../task.ts'
import { publishStills, type StillBench, type StillOutput } from './publish-stills.ts'

/** Everything that one picture becomes: variants and thumbnails from one decode, and its placeholder. */
export async function makeImageVariants(options: {
  source: Buffer
  plan: ImagePlan
  limits: ImageLimits
  tools: DecodeDesk['tools']
  bench: StillBench
  put: PutFile
}): Promise<{ outputs: StillOutput[]; placeholder: Placeholder }> {
  const { source, plan, limits, tools, bench, put } = options
  const { scratch, signal } = bench
  const { rendered, placeholder } = await renderImage({ bytes: source, plan, limits, desk: { tools, scratch, signal } })
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
