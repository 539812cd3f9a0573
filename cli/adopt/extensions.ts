import type { AssetKind } from '../../core/asset.ts'

/** What names say. Only a hint, so that a folder's texts and databases are not all looked into: what a file is, its bytes say. */
const known: Record<AssetKind, string> = {
  video: 'mp4 m4v mov mkv webm avi mpg mpeg ts m2ts mts 3gp 3g2 wmv asf flv ogv mxf vob',
  image: 'jpg jpeg jpe png webp avif gif tif tiff heic heif bmp svg',
  audio: 'mp3 m4a aac wav flac ogg oga opus aif aiff wma amr mka caf',
}

const kinds = new Map(
  Object.entries(known).flatMap(([kind, names]) => names.split(' ').map((name) => [name, kind as AssetKind] as const)),
)

export const kindByName = (name: string): AssetKind | undefined =>
  kinds.get(/\.([^./]+)$/.exec(name)?.[1]?.toLowerCase() ?? '')
