/** How a picture meets the size asked for: as it is, cropped to fill it, or whole with bars around it. */
export type StillFit = 'exact' | 'cover' | 'inside'
export type StillFormat = 'jpeg' | 'webp' | 'avif'
export type StillRole = 'image' | 'thumbnail' | 'poster' | 'storyboard'
export type Size = { width: number; height: number }

/** One still picture to be made. Plain values only: a list of these crosses into the process that decodes. */
export type Render = Size & {
  role: StillRole
  name: string
  /** Below the generation's prefix. */
  file: string
  format: StillFormat
  fit: StillFit
  quality: number
  /** How hard WebP and AVIF try; JPEG has no such thing. */
  effort?: number
  /** The quality, then the size, give way until the file is no larger than this. */
  maxBytes?: number
}

/** A side never longer than the formats can hold (WebP ends at 16383), nor shorter than a pixel. */
const side = (length: number) => Math.min(16383, Math.max(1, Math.round(length)))

/** The same shape at a scale, upright and in whole pixels. */
export const scaled = (size: Size, scale: number): Size => ({
  width: side(size.width * scale),
  height: side(size.height * scale),
})

/** The smallest size of the source from which every render can be made without enlarging what the source has. */
export function workingSize({ source, renders }: { source: Size; renders: readonly Size[] }): Size {
  const needed = renders.map((render) => Math.max(render.width / source.width, render.height / source.height))
  return scaled(source, Math.min(1, Math.max(0, ...needed)))
}

const widestSearch = 4

/**
 * The middle part of a picture that a cover crop looks for its subject in. A crop enlarges by the short side first, so
 * a line of 16384x1 pixels would become a picture of ten billion: nothing longer than four times the wanted shape goes in.
 */
export function coverWindow({ source, target }: { source: Size; target: Size }): Size & { left: number; top: number } {
  const shape = target.width / target.height
  const width = Math.min(source.width, Math.max(1, Math.floor(source.height * shape * widestSearch)))
  const height = Math.min(source.height, Math.max(1, Math.floor((source.width / shape) * widestSearch)))
  return { left: Math.floor((source.width - width) / 2), top: Math.floor((source.height - height) / 2), width, height }
}
