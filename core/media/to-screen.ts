import { hdrTransfer, untaggedMatrix } from './colour.ts'
import type { VideoInfo } from './media-info.ts'
import type { Size } from './renders.ts'

type Wish = { video: VideoInfo; size: Size; flags?: string }

/** Filters from what a decoder hands over to 24-bit RGB as a screen shows it: at this size, HDR tone-mapped. */
export function toScreen({ video, size, flags = 'lanczos+accurate_rnd+full_chroma_int' }: Wish): string[] {
  if (video.hdr) return toneMapped({ hdr: video.hdr, size })
  const matrix = video.colorSpace === undefined ? `:in_color_matrix=${untaggedMatrix(video)}` : ''
  return [`scale=${size.width}:${size.height}:flags=${flags}${matrix}`, 'format=rgb24']
}

function toneMapped({ hdr, size }: { hdr: 'pq' | 'hlg'; size: Size }): string[] {
  return [
    `zscale=w=${size.width}:h=${size.height}:tin=${hdrTransfer[hdr]}:pin=bt2020:min=bt2020nc:t=linear:npl=100`,
    'format=gbrpf32le',
    'zscale=p=bt709',
    'tonemap=tonemap=hable:desat=0',
    'zscale=t=bt709:r=full',
    'format=gbrp',
    'format=rgb24',
  ]
}
