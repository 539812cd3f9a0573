import { type Render, type Size, scaled } from './renders.ts'

/** `cover` fills the size with a smart crop; `inside` shows everything, with bars. */
export type ThumbnailFit = 'cover' | 'inside'

/** The three sizes that every video and picture has. */
const thumbnailSizes = [
  { name: 'small', width: 320, height: 180 },
  { name: 'medium', width: 640, height: 360 },
  { name: 'large', width: 1280, height: 720 },
] as const

/** Exactly these sizes whatever the source is: a page laid out for them never shifts. */
export function planThumbnails({ fit }: { fit: ThumbnailFit }): Render[] {
  return thumbnailSizes.map((size) => ({
    role: 'thumbnail',
    file: `thumbnails/${size.name}.jpg`,
    format: 'jpeg',
    fit,
    quality: 80,
    ...size,
  }))
}

/** What of a video's one well-chosen frame is wanted. */
export type StillWishes = { thumbnails: ThumbnailFit | false; poster: boolean }

/** The still pictures that one frame of a video becomes. */
export function planStills({ source, wishes }: { source: Size; wishes: StillWishes }): Render[] {
  return [
    ...(wishes.poster ? [planPoster({ source })] : []),
    ...(wishes.thumbnails === false ? [] : planThumbnails({ fit: wishes.thumbnails })),
  ]
}

/** A video's cover at the shape it is shown in, never enlarged. */
export function planPoster({ source, longSide = 1920 }: { source: Size; longSide?: number }): Render {
  const size = scaled(source, Math.min(1, longSide / Math.max(source.width, source.height)))
  return { role: 'poster', name: 'poster', file: 'poster.jpg', format: 'jpeg', fit: 'exact', quality: 82, ...size }
}
