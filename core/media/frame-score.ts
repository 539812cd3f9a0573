/** A small frame in shades of grey, a byte a pixel, full range. */
export type GrayFrame = { width: number; height: number; luma: Uint8Array }

/** From here on a frame stands for its video well enough to look no further. */
export const goodScore = 0.4

/** Up to here there is nothing to be seen: black, white, or one colour. */
export const emptyScore = 0.12

/**
 * How well a frame would stand for its video, 0 to 1. Black, white and empty frames come near 0; fades lose
 * light and contrast, blurs lose edges, and both lose to what surrounds them.
 */
export function scoreFrame(frame: GrayFrame): number {
  const histogram = histogramOf(frame.luma)
  const pixels = frame.luma.length
  if (pixels === 0) return 0
  const low = percentile({ histogram, pixels, share: 0.02 })
  const high = percentile({ histogram, pixels, share: 0.98 })
  const contrast = Math.min(1, (high - low) / 200)
  const detail = Math.min(1, edges(frame) / 14)
  const variety = Math.min(1, entropy({ histogram, pixels }) / 7.5)
  return exposure(mean({ histogram, pixels })) * (0.45 * contrast + 0.3 * detail + 0.25 * variety)
}

/** The index of the best frame; of equals, the first. Undefined without frames. */
export function bestOf(scores: readonly number[]): number | undefined {
  return scores.length === 0 ? undefined : scores.indexOf(Math.max(...scores))
}

function histogramOf(luma: Uint8Array): Uint32Array {
  const histogram = new Uint32Array(256)
  for (const level of luma) histogram[level] = (histogram[level] ?? 0) + 1
  return histogram
}

type Levels = { histogram: Uint32Array; pixels: number }

function mean({ histogram, pixels }: Levels): number {
  return histogram.reduce((sum, count, level) => sum + count * level, 0) / pixels
}

function percentile({ histogram, pixels, share }: Levels & { share: number }): number {
  let seen = 0
  return histogram.findIndex((count) => {
    seen += count
    return seen > pixels * share || seen === pixels
  })
}

function entropy({ histogram, pixels }: Levels): number {
  return histogram.reduce((sum, count) => (count === 0 ? sum : sum - (count / pixels) * Math.log2(count / pixels)), 0)
}

/** 1 for well-lit frames, falling to 0 towards black and towards white. */
function exposure(light: number): number {
  return Math.max(0, Math.min(1, (light - 8) / 42, (250 - light) / 40))
}

/** The mean step from a pixel to its neighbours on the right and below. */
function edges({ width, height, luma }: GrayFrame): number {
  let sum = 0
  for (let y = 0; y + 1 < height; y += 1) {
    for (let x = 0; x + 1 < width; x += 1) {
      const here = luma[y * width + x] ?? 0
      sum += Math.abs(here - (luma[y * width + x + 1] ?? here)) + Math.abs(here - (luma[(y + 1) * width + x] ?? here))
    }
  }
  return sum / Math.max(1, 2 * (width - 1) * (height - 1))
}
