import { rgbaToThumbHash } from 'thumbhash'

/** What a page shows before the picture has come. */
export type Placeholder = { thumbhash: string; color: string }

/** Red, green, blue and alpha, a byte each, row by row; at most 100 pixels a side. */
export type Swatch = { width: number; height: number; rgba: Uint8Array }

export function placeholderOf(swatch: Swatch): Placeholder {
  const hash = rgbaToThumbHash(swatch.width, swatch.height, swatch.rgba)
  return { thumbhash: Buffer.from(hash).toString('base64'), color: mainColor(swatch.rgba) }
}

type Bin = { weight: number; red: number; green: number; blue: number }

/** The mean of the most frequent kind of colour, as `#rrggbb`. A picture with nothing in it is white, as its JPEG is. */
export function mainColor(rgba: Uint8Array): string {
  const bins = new Map<number, Bin>()
  let main: Bin = { weight: 0, red: 255, green: 255, blue: 255 }
  for (let at = 0; at + 3 < rgba.length; at += 4) {
    const [red = 0, green = 0, blue = 0, alpha = 0] = rgba.subarray(at, at + 4)
    if (alpha === 0) continue
    const kind = ((red >> 5) << 6) | ((green >> 5) << 3) | (blue >> 5)
    const bin = bins.get(kind) ?? { weight: 0, red: 0, green: 0, blue: 0 }
    bin.weight += alpha
    bin.red += red * alpha
    bin.green += green * alpha
    bin.blue += blue * alpha
    bins.set(kind, bin)
    if (bin.weight > main.weight) main = bin
  }
  const weight = Math.max(1, main.weight)
  return `#${[main.red, main.green, main.blue].map((sum) => hex(sum / weight)).join('')}`
}

const hex = (level: number) => Math.round(level).toString(16).padStart(2, '0')
