import type { ImagePlan } from '../../core/media/image-variants.ts'
import type { Placeholder } from '../../core/media/placeholder.ts'
import { renderImage } from '../edges/image-render.ts'
import type { ImageLimits } from '../edges/sharp.ts'
import type { PutFile } from '../task.ts'
import { publishStills, type StillBench, type StillOutput } from './publish-stills.ts'

/** Everything that one picture becomes: variants and thumbnails from one decode, and its placeholder. */
export async function makeImageVariants(options: {
  source: Buffer
  plan: ImagePlan
  limits: ImageLimits
  bench: StillBench
  put: PutFile
}): Promise<{ outputs: StillOutput[]; placeholder: Placeholder }> {
  const { source, plan, limits, bench, put } = options
  const { rendered, placeholder } = await renderImage({ bytes: source, plan, limits, signal: bench.signal })
  return { outputs: await publishStills({ rendered, bench, put }), placeholder }
}
