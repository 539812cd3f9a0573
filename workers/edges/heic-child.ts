import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/**
 * A program of its own: decodes the main picture of a HEIC file, and leaves its pixels (red, green, blue, alpha) in another file.
 * It runs held down by `heic.ts`, and trusts nothing but its arguments.
 */
type HeifImage = {
  is_primary(): boolean
  get_width(): number
  get_height(): number
  display(target: { data: Uint8ClampedArray; width: number; height: number }, done: (shown: unknown) => void): void
}
type LibHeif = { HeifDecoder: new () => { decode(bytes: Uint8Array): HeifImage[] } }

const fromHere = createRequire(import.meta.url)
// heic-decode itself hands out the first picture, which need not be the main one, and knows few brands.
const libheif: LibHeif = createRequire(fromHere.resolve('heic-decode'))('libheif-js/wasm-bundle')

const [source = '', target = '', width, height] = process.argv.slice(2)
const image = new libheif.HeifDecoder().decode(readFileSync(source)).find((one) => one.is_primary())
if (image === undefined) leave('there is no picture in it')
const size = { width: image.get_width(), height: image.get_height() }
if (size.width !== Number(width) || size.height !== Number(height))
  leave(`it is ${size.width}x${size.height}, and its header says ${width}x${height}`)
const data = new Uint8ClampedArray(size.width * size.height * 4)
image.display({ data, ...size }, (shown) => {
  if (!shown) leave('its picture cannot be decoded')
  writeFileSync(target, data, { flag: 'wx' })
})

function leave(why: string): never {
  process.stderr.write(`${why}\n`)
  process.exit(1)
}
