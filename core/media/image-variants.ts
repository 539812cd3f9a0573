import { type Animation, planAnimation } from './animation.ts'
import { type Render, type Size, scaled, workingSize } from './renders.ts'
import { planThumbnails, type ThumbnailFit } from './thumbnails.ts'

/** What a look at a picture's header tells. Width and height are those of the upright picture. */
export type ImageFacts = Size & {
  format: 'jpeg' | 'png' | 'webp' | 'avif' | 'gif' | 'heic' | 'tiff'
  /** The EXIF orientation, 1 to 8, that was applied to width and height. */
  orientation?: number
  pages: number
  hasAlpha: boolean
  space: string
  depth: string
  density?: number
}

export type ImageWishes = {
  widths: readonly number[]
  formats: readonly ('webp' | 'avif')[]
  /** A JPEG that anything can show: its longest side, and its bytes. */
  web?: { longSide: number; maxBytes: number }
  /** Absent: no thumbnails. */
  thumbnails?: ThumbnailFit
}

/** What becomes of one picture: decoded once, at `working` size, and rendered from that. */
export type ImagePlan = { working: Size; renders: Render[]; animated?: Animation }

export const defaultImageWishes: ImageWishes = {
  widths: [320, 640, 960, 1280, 1920],
  formats: ['webp', 'avif'],
  web: { longSide: 1600, maxBytes: 500_000 },
  thumbnails: 'cover',
}

/** AVIF at effort 2 costs an eighth of effort 4 for a tenth more bytes; WebP gains little past 2. */
const encodings = { webp: { quality: 80, effort: 2 }, avif: { quality: 50, effort: 2 } } as const

/** Where nothing else is made, enough for what stands in for the picture while it loads. */
const forPlaceholder: Size = { width: 100, height: 100 }

type Planning = { facts: Size & Partial<Pick<ImageFacts, 'format' | 'pages'>>; wishes?: ImageWishes }

/** Which files one picture becomes. Nothing is enlarged, but the thumbnails, whose size is a promise. */
export function planImage(options: Planning): ImagePlan {
  const { facts, wishes = defaultImageWishes } = options
  const renders = [
    ...variantWidths({ source: facts, widths: wishes.widths }).flatMap((width) =>
      wishes.formats.map((format) => variant({ source: facts, width, format })),
    ),
    ...(wishes.web ? [webJpeg({ source: facts, ...wishes.web })] : []),
    ...(wishes.thumbnails ? planThumbnails({ fit: wishes.thumbnails }) : []),
  ]
  const working = workingSize({ source: facts, renders: renders.length > 0 ? renders : [forPlaceholder] })
  const { format, pages } = facts
  const moves = format !== undefined && pages !== undefined && wishes.formats.includes('webp')
  const animated = moves ? planAnimation({ ...facts, format, pages }) : undefined
  return { working, renders, ...(animated && { animated }) }
}

/** The steps that the source can fill; a source narrower than all of them gets one at its own width. */
function variantWidths({ source, widths }: { source: Size; widths: readonly number[] }): number[] {
  const fitting = [...new Set(widths)].filter((width) => width <= source.width).sort((a, b) => a - b)
  return fitting.length > 0 ? fitting : widths.length > 0 ? [source.width] : []
}

function variant({ source, width, format }: { source: Size; width: number; format: 'webp' | 'avif' }): Render {
  const name = `w${width}`
  const size = scaled(source, width / source.width)
  return { role: 'image', name, file: `images/${name}.${format}`, format, fit: 'exact', ...size, ...encodings[format] }
}

function webJpeg(options: { source: Size; longSide: number; maxBytes: number }): Render {
  const { source, longSide, maxBytes } = options
  const size = scaled(source, Math.min(1, longSide / Math.max(source.width, source.height)))
  return {
    role: 'image',
    name: 'web',
    file: 'images/web.jpg',
    format: 'jpeg',
    fit: 'exact',
    ...size,
    quality: 82,
    maxBytes,
  }
}

export type Srcset = Partial<Record<'webp' | 'avif', string>>

/** A ready `srcset` attribute for each format that a picture was scaled to, narrowest first. */
export function srcset(images: readonly { name: string; url: string; width: number; format: string }[]): Srcset | null {
  // The scaled ones alone: the original tells where it was taken, and what moves has one size.
  const variants = images.filter(({ name }) => /^w\d+$/.test(name)).sort((a, b) => a.width - b.width)
  const found = (['avif', 'webp'] as const).flatMap((format) => {
    const those = variants.filter((image) => image.format === format)
    return those.length > 0 ? [[format, those.map(candidate).join(', ')] as const] : []
  })
  return found.length > 0 ? Object.fromEntries(found) : null
}

/** Neither a space nor a comma may stand in an address here. */
const candidate = ({ url, width }: { url: string; width: number }) =>
  `${url.replaceAll(' ', '%20').replaceAll(',', '%2C')} ${width}w`
