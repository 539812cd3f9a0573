import type { Animation } from '../../core/media/animation.ts'
import { type Encoded, measureImage } from './image-encode.ts'
import { inLane, sharp } from './sharp-setup.ts'

const timeoutSeconds = 60
const lowestQuality = 40

type Options = { bytes: Buffer; animation: Animation; signal: AbortSignal }

/** The picture with all its frames, or nothing where it cannot be had within its limits: then the first frame stands for it. */
export async function renderAnimation({ bytes, animation, signal }: Options) {
  for (const quality of [animation.quality, lowestQuality]) {
    signal.throwIfAborted()
    const made = await encode({ bytes, animation, quality })
    if (made === undefined) return undefined
    if (made.length > (animation.maxBytes ?? Number.POSITIVE_INFINITY)) continue
    return { render: animation, bytes: made, ...(await measureImage(made)) }
  }
  return undefined
}

/** A later frame that is broken, or an encoder that takes too long, costs the movement and nothing else. */
async function encode(
  options: Pick<Options, 'bytes' | 'animation'> & { quality: number },
): Promise<Encoded['bytes'] | undefined> {
  const { bytes, animation, quality } = options
  const { width, height, effort = 2 } = animation
  const work = () =>
    sharp(bytes, { animated: true, failOn: 'error', limitInputPixels: true })
      .resize({ width, height, fit: 'fill' })
      .webp({ quality, effort })
      .timeout({ seconds: timeoutSeconds })
      .toBuffer()
  return inLane(work).catch(() => undefined)
}
