import type { Metadata, Sharp } from 'sharp'
import { SluiceError } from '../../core/errors.ts'
import { heifColour, heifIsWhole, heifLongestSide, isDisplayP3 } from '../../core/media/heif-boxes.ts'
import type { ImageFacts } from '../../core/media/image-variants.ts'
import type { Size } from '../../core/media/renders.ts'
import { decodeHeic } from './heic.ts'
import { decodeFailure } from './image-errors.ts'
import { plainPng } from './plain-png.ts'
import { type ImageLimits, inLane, pixels, sharp } from './sharp-setup.ts'

/** Decoded pixels in sRGB, 8 bits a channel, upright. Four channels only where something shows through. */
export type Picture = Size & { data: Buffer; channels: 3 | 4 }

const formats = { jpeg: 'jpeg', png: 'png', webp: 'webp', gif: 'gif', tiff: 'tiff' } as const
// What lies in a HEIF container: sharp decodes the one, and knows the header alone of the other.
const heifFormats: Record<string, 'avif' | 'heic'> = { av1: 'avif', hevc: 'heic' }

/** Reads the header alone, and refuses what must not be decoded before a pixel of it is. */
export async function openImage({ bytes, limits }: { bytes: Buffer; limits: ImageLimits }): Promise<ImageFacts> {
  if (bytes.length > limits.maxBytes) {
    throw new SluiceError('too_large', {
      message: `The picture has ${bytes.length} bytes, allowed are ${limits.maxBytes}`,
    })
  }
  if (!limits.tiff && isTiff(bytes))
    throw new SluiceError('unsupported_container', { message: 'TIFF is not read with this profile' })
  // libvips takes sides of 2^31 for sides of 1.
  if (isHeif(bytes) && heifLongestSide(bytes) > limits.maxSide)
    throw new SluiceError('too_many_pixels', { message: `A picture says it has a side of ${heifLongestSide(bytes)}` })
  const header = await read(() => source({ bytes, limits }).metadata())
  const format = formatOf(header)
  if (header.format === 'heif' && !heifIsWhole(bytes))
    throw new SluiceError('corrupt_media', { message: 'The picture ends too early' })
  // HEIF says itself how it is turned; what EXIF says of it was true before that.
  const { width, height } = header.format === 'heif' ? header : header.autoOrient
  if (Math.max(width, height) > limits.maxSide || width * height > limits.maxPixels) {
    throw new SluiceError('too_many_pixels', {
      message: `The picture is ${width}x${height}; allowed are ${limits.maxPixels} pixels and ${limits.maxSide} a side`,
    })
  }
  return {
    format,
    width,
    height,
    ...(header.orientation === undefined ? {} : { orientation: header.orientation }),
    pages: header.pages ?? 1,
    hasAlpha: header.hasAlpha,
    space: header.space,
    depth: header.depth,
    ...(header.density === undefined ? {} : { density: header.density }),
  }
}

/** By its first bytes, so that its decoder never sees what it must not. */
function isTiff(bytes: Buffer): boolean {
  return ['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].includes(bytes.toString('latin1', 0, 4))
}

const isHeif = (bytes: Buffer) => bytes.toString('latin1', 4, 8) === 'ftyp'

function formatOf({ format, compression }: Metadata): ImageFacts['format'] {
  const known = Object.entries(formats).find(([name]) => name === format)?.[1]
  if (known) return known
  if (format !== 'heif')
    throw new SluiceError('unsupported_container', { message: `Pictures in ${format} are not read` })
  const inside = heifFormats[compression ?? '']
  if (!inside)
    throw new SluiceError('unsupported_codec', {
      message: `HEIF with ${compression ?? 'an unknown codec'} is not read`,
    })
  return inside
}

type Decoding = { bytes: Buffer; limits: ImageLimits; size?: Size }

/** Decodes the first page, upright, in sRGB, at the size asked for (the source's, when none is). Checks the header first. */
export async function decodePicture({ bytes, limits, ...wish }: Decoding): Promise<Picture> {
  const facts = await openImage({ bytes, limits })
  const size = wish.size ?? { width: facts.width, height: facts.height }
  const decoded = facts.format === 'heic' ? pixels(await decodeHeic({ bytes, size: facts })) : source({ bytes, limits })
  const picture = await pictureFrom({ image: decoded.resize({ ...size, fit: 'fill' }), facts, limits })
  const icc = await profileLeft({ bytes, facts, limits })
  return icc === undefined ? picture : await inSrgb({ picture, icc, limits })
}

async function pictureFrom({
  image,
  facts,
  limits,
}: {
  image: Sharp
  facts: ImageFacts
  limits: ImageLimits
}): Promise<Picture> {
  // 16-bit pictures with a profile come out of sharp in Display P3 unless sRGB is asked for by name.
  const named = facts.depth === 'uchar' ? image : image.withIccProfile('srgb', { attach: false })
  const { data, info } = await read(() => raw(named, limits))
  if (info.channels !== 3 && info.channels !== 4) {
    throw new SluiceError('corrupt_media', { message: `The picture decodes to ${info.channels} channels` })
  }
  const { width, height, channels } = info
  if (channels === 4 && isOpaque(data)) return { data: withoutAlpha(data), width, height, channels: 3 }
  return { data, width, height, channels }
}

/** The profile that sharp does not apply by itself: that of HEIC, whose pixels came without one, and of colours named by number. */
async function profileLeft({ bytes, facts, limits }: { bytes: Buffer; facts: ImageFacts; limits: ImageLimits }) {
  if (facts.format !== 'heic' && facts.format !== 'avif') return undefined
  const { icc } = await read(() => source({ bytes, limits }).metadata())
  if (icc !== undefined) return facts.format === 'heic' ? icc : undefined
  return isDisplayP3(heifColour(bytes)) ? await displayP3() : undefined
}

async function displayP3(): Promise<Buffer | undefined> {
  const white = sharp({ create: { width: 1, height: 1, channels: 3, background: '#fff' } })
  return (await sharp(await white.withIccProfile('p3').png().toBuffer()).metadata()).icc
}

/** What stands in another colour space, in sRGB. A profile that cannot be read is no reason to refuse a picture. */
async function inSrgb({
  picture,
  icc,
  limits,
}: {
  picture: Picture
  icc: Buffer
  limits: ImageLimits
}): Promise<Picture> {
  const { data } = await read(() => raw(sharp(plainPng(picture, icc)), limits))
  return { ...picture, data }
}

function source({ bytes, limits }: { bytes: Buffer; limits: ImageLimits }): Sharp {
  // `error`: a file that ends too early or breaks off is refused; the harmless oddities of cameras are not.
  return sharp(readable(bytes), { failOn: 'error', limitInputPixels: limits.maxPixels, pages: 1, autoOrient: true })
}

/** A moving AVIF is called `avis`, which libvips does not take for a picture, though its first frame lies in it as one. */
function readable(bytes: Buffer): Buffer {
  if (bytes.toString('latin1', 4, 12) !== 'ftypavis') return bytes
  const named = Buffer.from(bytes)
  named.write('avif', 8, 'latin1')
  return named
}

async function read<T>(work: () => Promise<T>): Promise<T> {
  return await inLane(work).catch((thrown: unknown) => {
    throw decodeFailure(thrown)
  })
}

const raw = (image: Sharp, limits: ImageLimits) =>
  image.raw().timeout({ seconds: limits.timeoutSeconds }).toBuffer({ resolveWithObject: true })

function isOpaque(rgba: Buffer): boolean {
  for (let at = 3; at < rgba.length; at += 4) if (rgba[at] !== 255) return false
  return true
}

function withoutAlpha(rgba: Buffer): Buffer {
  const rgb = Buffer.allocUnsafe((rgba.length / 4) * 3)
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    rgb[to] = rgba[from] ?? 0
    rgb[to + 1] = rgba[from + 1] ?? 0
    rgb[to + 2] = rgba[from + 2] ?? 0
  }
  return rgb
}
