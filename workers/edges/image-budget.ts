import { type Render, scaled } from '../../core/media/renders.ts'
import type { Encoded } from './image-encode.ts'

const lowestQuality = 50

/** Encodes so that the file is no larger than the render allows: the best quality that fits, and fewer pixels when none does. */
export async function encodeWithinBudget(options: {
  render: Render
  encode: (render: Render) => Promise<Encoded>
}): Promise<Encoded> {
  const { encode } = options
  let render = options.render
  for (;;) {
    const best = await encode(render)
    const { maxBytes } = render
    if (maxBytes === undefined || best.bytes.length <= maxBytes) return best
    const worst = await encode({ ...render, quality: Math.min(lowestQuality, render.quality) })
    if (worst.bytes.length <= maxBytes) return await bestThatFits({ render, encode, maxBytes, fits: worst })
    if (render.width === 1 && render.height === 1) return worst
    // Bytes follow the area, roughly; a little less than that, so that the next try is mostly the last.
    render = { ...render, ...scaled(render, Math.min(0.95, 0.95 * Math.sqrt(maxBytes / worst.bytes.length))) }
  }
}

async function bestThatFits(options: {
  render: Render
  encode: (render: Render) => Promise<Encoded>
  maxBytes: number
  fits: Encoded
}): Promise<Encoded> {
  let { fits } = options
  let low = Math.min(lowestQuality, options.render.quality)
  let high = options.render.quality
  while (high - low > 3) {
    const quality = Math.floor((low + high) / 2)
    const tried = await options.encode({ ...options.render, quality })
    if (tried.bytes.length <= options.maxBytes) {
      fits = tried
      low = quality
    } else high = quality
  }
  return fits
}
