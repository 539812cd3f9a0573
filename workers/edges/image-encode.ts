import type { Sharp } from 'sharp'
import type { Swatch } from '../../core/media/placeholder.ts'
import { coverWindow, type Render, type Size } from '../../core/media/renders.ts'
import { encodeFailure } from './image-errors.ts'
import type { Picture } from './sharp.ts'
import { inLane, pixels, sharp } from './sharp-setup.ts'

export type Encoded = Size & { bytes: Buffer }

/** Makes one file from decoded pixels. What has no alpha channel to keep stands on white. No metadata goes in. */
export async function encodePicture(options: {
  picture: Picture
  render: Render
  timeoutSeconds: number
}): Promise<Encoded> {
  const { picture, render, timeoutSeconds } = options
  const { data, info } = await inLane(() =>
    encoder({ image: fitted({ picture, render }), render })
      .timeout({ seconds: timeoutSeconds })
      .toBuffer({ resolveWithObject: true }),
  ).catch((thrown: unknown) => {
    throw encodeFailure(thrown, render.file)
  })
  return { bytes: data, width: info.width, height: info.height }
}

/** The picture in a hundred pixels at most, for its placeholder. */
export async function sampleSwatch(picture: Picture): Promise<Swatch> {
  const { data, info } = await inLane(() =>
    pixels(picture)
      .resize({ width: 100, height: 100, fit: 'inside', withoutEnlargement: true })
      .ensureAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true }),
  )
  return { width: info.width, height: info.height, rgba: data }
}

/** A file of ours, read back: what it really is, and whether it tells anything about its maker. */
export async function measureImage(bytes: Buffer): Promise<Size & { format: string; hasMetadata: boolean }> {
  const header = await inLane(() => sharp(bytes).metadata())
  const { width, height } = header
  const hasMetadata = [header.exif, header.xmp, header.iptc].some((block) => block !== undefined)
  return { width, height, format: header.format === 'heif' ? 'avif' : header.format, hasMetadata }
}

function fitted({ picture, render }: { picture: Picture; render: Render }): Sharp {
  const { width, height, fit } = render
  const image = pixels(picture)
  const flat = render.format === 'jpeg' && picture.channels === 4 ? image.flatten({ background: '#ffffff' }) : image
  if (fit === 'cover') {
    const window = coverWindow({ source: picture, target: render })
    return flat.extract(window).resize({ width, height, fit: 'cover', position: sharp.strategy.attention })
  }
  if (fit === 'exact') return flat.resize({ width, height, fit: 'fill' })
  return flat.resize({ width, height, fit: 'contain', background: picture.channels === 3 ? '#000000' : '#ffffff' })
}

function encoder({ image, render }: { image: Sharp; render: Render }): Sharp {
  const { quality, effort } = render
  if (render.format === 'jpeg') return image.jpeg({ quality, progressive: true })
  const tuned = { quality, ...(effort === undefined ? {} : { effort }) }
  return render.format === 'webp' ? image.webp(tuned) : image.avif({ ...tuned, chromaSubsampling: '4:2:0' })
}
