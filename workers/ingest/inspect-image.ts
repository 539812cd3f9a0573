import { SluiceError } from '../../core/errors.ts'
import { type ImageWishes, planImage } from '../../core/media/image-variants.ts'
import type { Profile } from '../../core/media/profile.ts'
import { defaultImageLimits } from '../edges/sharp-setup.ts'
import type { TaskRun } from '../house.ts'
import type { SourceRun } from '../source.ts'
import { openSource } from '../source-file.ts'
import type { Inspected } from './inspect.ts'

/** The limits of the decoder, narrowed by the settings. */
export const imageLimits = ({ house }: Pick<TaskRun, 'house'>, { tiff }: { tiff: boolean }) => ({
  ...defaultImageLimits,
  maxPixels: house.config.MAX_PIXELS,
  tiff,
})

export async function inspectImage({ run, profile }: { run: TaskRun; profile: Profile }): Promise<Inspected> {
  const tiff = profile.images !== false && profile.images.tiff === true
  const { asset, bench, house } = run
  const picture = { tenant: asset.tenant, signal: bench.signal, limits: imageLimits(run, { tiff }) }
  const facts = await house.images.open({ ...picture, bytes: await imageBytes(run) })
  return {
    plan: { kind: 'image', image: planImage({ facts, wishes: imageWishes(profile) }) },
    media: { width: facts.width, height: facts.height, format: facts.format },
  }
}

export function imageWishes(profile: Profile): ImageWishes {
  const images = profile.images === false ? { widths: [], formats: [], web: false as const } : profile.images
  return {
    widths: images.widths,
    formats: images.formats,
    ...(images.web === false ? {} : { web: images.web }),
    ...(profile.thumbnails === false ? {} : { thumbnails: profile.thumbnails.fit }),
  }
}

/** The whole picture, which the decoder wants in memory; refused before it is read where it is too large for that. */
export async function imageBytes(run: SourceRun): Promise<Buffer> {
  const { asset } = run
  if ((asset.source_bytes ?? 0) > defaultImageLimits.maxBytes)
    throw new SluiceError('too_large', {
      message: `a picture of ${asset.source_bytes} bytes`,
      publicMessage: `A picture may have at most ${defaultImageLimits.maxBytes} bytes.`,
    })
  const body = await openSource(run)
  return Buffer.concat(await body.toArray())
}
