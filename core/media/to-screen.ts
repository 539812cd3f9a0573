import { untaggedMatrix } from './colour.ts'
import type { VideoInfo } from './media-info.ts'
import type { Size } from './renders.ts'
import { toneMapFilters } from './tone-map.ts'

type Wish = { video: VideoInfo; size: Size; flags?: string }

/** Filters from what a decoder hands over to 24-bit RGB as a screen shows it: at this size, HDR tone-mapped. */
export function toScreen({ video, size, flags = 'lanczos+accurate_rnd+full_chroma_int' }: Wish): string[] {
  const { hdr, range } = video
  if (hdr) return [...toneMapFilters({ light: hdr, size, ...(range ? { range } : {}) }), 'format=rgb24']
  const matrix = video.colorSpace === undefined ? `:in_color_matrix=${untaggedMatrix(video)}` : ''
  return [`scale=${size.width}:${size.height}:flags=${flags}${matrix}`, 'format=rgb24']
}
