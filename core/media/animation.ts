import type { ImageFacts } from './image-variants.ts'
import { type Render, scaled } from './renders.ts'

/** A moving picture, kept moving: a WebP with all its frames. */
export type Animation = Render & { frames: number; sourcePixels: number }

/** Past these a moving picture is a film, and better sent as one: only its first frame is shown. */
export const animationLimits = {
  frames: 600,
  /** Of all frames together, as they come in. */
  sourcePixels: 150_000_000,
  /** Of all frames together, as they go out: larger ones are scaled down. */
  pixels: 60_000_000,
  longSide: 1280,
  bytes: 10_000_000,
}

/** The animated variant of a picture that moves and is within the limits. */
export function planAnimation(facts: Pick<ImageFacts, 'width' | 'height' | 'format' | 'pages'>): Animation | undefined {
  const { width, height, format, pages: frames } = facts
  const sourcePixels = width * height * frames
  if (frames < 2 || (format !== 'gif' && format !== 'webp')) return undefined
  if (frames > animationLimits.frames || sourcePixels > animationLimits.sourcePixels) return undefined
  const { longSide, pixels, bytes: maxBytes } = animationLimits
  const size = scaled(facts, Math.min(1, longSide / Math.max(width, height), Math.sqrt(pixels / sourcePixels)))
  const file = { role: 'image', name: 'animated', file: 'images/animated.webp', format: 'webp', fit: 'exact' } as const
  return { ...file, ...size, quality: 70, effort: 2, maxBytes, frames, sourcePixels }
}
