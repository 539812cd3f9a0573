import { availableParallelism } from 'node:os'
import sharp from 'sharp'
import { makeLanes } from './image-lanes.ts'
import type { Picture } from './sharp.ts'

export { sharp }

/**
 * Where sharp comes from for all of this folder, which alone knows it: always given Buffers, never paths.
 * The settings are those of the whole process, and are made before anything can be decoded.
 */
sharp.concurrency(1)
sharp.cache(false)
// All loaders are off, those for files too, but these six from memory. SVG, PDF and the rest stay off.
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: [
    'VipsForeignLoadJpegBuffer',
    'VipsForeignLoadPngBuffer',
    'VipsForeignLoadWebpBuffer',
    'VipsForeignLoadHeifBuffer',
    'VipsForeignLoadNsgifBuffer',
    'VipsForeignLoadTiffBuffer',
  ],
})

// sharp works in libuv's pool of four threads, which files and DNS share: one is always left to them.
export const inLane = makeLanes({ atMost: Math.max(1, Math.min(3, availableParallelism())) })

export type ImageLimits = {
  maxPixels: number
  maxSide: number
  maxBytes: number
  timeoutSeconds: number
  tiff: boolean
}

export const defaultImageLimits: ImageLimits = {
  maxPixels: 50_000_000,
  maxSide: 16_384,
  maxBytes: 100 * 1024 * 1024,
  timeoutSeconds: 30,
  tiff: false,
}

/** What sharp makes of pixels that are decoded already. */
export const pixels = ({ data, width, height, channels }: Picture) => sharp(data, { raw: { width, height, channels } })
