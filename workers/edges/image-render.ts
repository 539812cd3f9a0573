import type { ImagePlan } from '../../core/media/image-variants.ts'
import { type Placeholder, placeholderOf } from '../../core/media/placeholder.ts'
import type { Render, Size } from '../../core/media/renders.ts'
import { renderAnimation } from './image-animate.ts'
import { encodeWithinBudget } from './image-budget.ts'
import { encodePicture, measureImage, sampleSwatch } from './image-encode.ts'
import { decodePicture, type Picture } from './sharp.ts'
import type { ImageLimits } from './sharp-setup.ts'

/** One file: what was wished, and what reading it back found. */
export type Rendered = Size & { render: Render; bytes: Buffer; format: string; hasMetadata: boolean }
export type RenderedPicture = { rendered: Rendered[]; placeholder: Placeholder }

/** A stranger's bytes in, our files out: decoded once, at the plan's working size. For the decoder's own process alone; others ask its desk. */
export async function renderImage(options: {
  bytes: Buffer
  plan: ImagePlan
  limits: ImageLimits
  signal: AbortSignal
}): Promise<RenderedPicture> {
  const { bytes, plan, limits, signal } = options
  const { timeoutSeconds } = limits
  signal.throwIfAborted()
  const picture = await decodePicture({ bytes, limits, size: plan.working })
  const { rendered, placeholder } = await renderPicture({ picture, renders: plan.renders, timeoutSeconds, signal })
  const animated = plan.animated && (await renderAnimation({ bytes, animation: plan.animated, signal }))
  return { rendered: animated ? [...rendered, animated] : rendered, placeholder }
}

/** Pixels in, our files out, in the order of the renders. Stops between two files when told to. */
export async function renderPicture(options: {
  picture: Picture
  renders: readonly Render[]
  timeoutSeconds: number
  signal: AbortSignal
}): Promise<RenderedPicture> {
  const { picture, renders, timeoutSeconds, signal } = options
  const encode = async (render: Render) => {
    signal.throwIfAborted()
    return await encodePicture({ picture, render, timeoutSeconds })
  }
  // The lanes of the edge hold back what there is no thread for; the costliest first, so that no long one ends alone.
  const costliestFirst = [...renders].sort((a, b) => cost(b) - cost(a))
  const results = await Promise.all(
    costliestFirst.map(async (render) => {
      const { bytes } = await encodeWithinBudget({ render, encode })
      return { render, bytes, ...(await measureImage(bytes)) }
    }),
  )
  const rendered = results.sort((a, b) => renders.indexOf(a.render) - renders.indexOf(b.render))
  return { rendered, placeholder: placeholderOf(await sampleSwatch(picture)) }
}

const cost = ({ width, height, format, maxBytes }: Render) =>
  width * height * (format === 'avif' ? 4 : maxBytes === undefined ? 1 : 2)
