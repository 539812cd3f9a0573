import { createRequire } from 'node:module'
import { SluiceError } from '../../core/errors.ts'
import type { Size } from '../../core/media/renders.ts'

export type Pixels = Size & { data: Buffer; channels: 4 }

type HeifImage = {
  is_primary(): boolean
  get_width(): number
  get_height(): number
  display(target: { data: Uint8ClampedArray; width: number; height: number }, done: (shown: unknown) => void): void
}
type LibHeif = { HeifDecoder: new () => { decode(bytes: Uint8Array): HeifImage[] } }

let loaded: LibHeif | undefined

/** heic-decode itself hands out the first picture, which need not be the main one, and knows few brands. */
function libheif(): LibHeif {
  const fromHere = createRequire(import.meta.url)
  const found: LibHeif = loaded ?? createRequire(fromHere.resolve('heic-decode'))('libheif-js/wasm-bundle')
  loaded = found
  return found
}

/**
 * Decodes the main picture of a HEIC file, upright, by libheif as WebAssembly. It blocks its process, and takes what memory that
 * has: it is for the decoder's own process alone. Whoever calls has read the size from the header and found it small enough; colours are still those of the file.
 */
export async function decodeHeic({ bytes, size }: { bytes: Buffer; size: Size }): Promise<Pixels> {
  const image = new (libheif().HeifDecoder)().decode(bytes).find((one) => one.is_primary())
  if (image === undefined) throw damaged('there is no picture in it')
  const [width, height] = [image.get_width(), image.get_height()]
  if (width !== size.width || height !== size.height)
    throw damaged(`it is ${width}x${height}, and its header says ${size.width}x${size.height}`)
  const data = new Uint8ClampedArray(width * height * 4)
  const shown = await new Promise((resolve) => image.display({ data, width, height }, resolve))
  if (!shown) throw damaged('its picture cannot be decoded')
  return { data: Buffer.from(data.buffer), width, height, channels: 4 }
}

const damaged = (why: string) => new SluiceError('corrupt_media', { message: `The HEIC cannot be decoded: ${why}` })
