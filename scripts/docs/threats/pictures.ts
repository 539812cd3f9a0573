import type { Row } from './threat.ts'

/** B20 to B24: what a picture may try. */
export const pictureThreats: Row[] = [
  {
    id: 'B20',
    input: '900 megapixels in a few KB, 20 million pixels in one column, a side of 17000',
    outcome: 'refused from the header',
    code: 'too_many_pixels',
    proof: 'workers/edges/sharp.test.ts › %s is refused from its header',
  },
  {
    id: 'B21',
    input: 'pictures that move',
    outcome: 'one frame is looked at',
    proof: 'workers/edges/sharp.test.ts › a moving GIF gives its first frame',
  },
  {
    id: 'B22',
    input: 'SVG and PDF',
    outcome: 'never rendered: their loaders are off',
    code: 'unsupported_container',
    proof:
      'workers/edges/sharp.test.ts › the loaders themselves are off: for SVG from memory, and for anything from a path',
  },
  {
    id: 'B23',
    input: 'formats whose decoders have the worst record: TIFF, ImageMagick, PDF and the rest',
    outcome: 'off; TIFF where a profile asks for it',
    code: 'unsupported_container',
    proof: 'workers/edges/sharp.test.ts › TIFF is refused, and read where it is asked for',
  },
  {
    id: 'B24',
    input: 'EXIF with place and maker',
    outcome: 'in no file that is published',
    proof: 'workers/image/variants.test.ts › where a photo was taken, and by whom, is in no file that is published',
  },
  {
    id: 'B24',
    input: 'EXIF orientation',
    outcome: 'applied, then gone',
    proof: 'workers/edges/sharp.test.ts › EXIF orientation %i comes out upright',
  },
  {
    id: 'B24',
    input: 'CMYK, 16 bits, wide colours',
    outcome: 'sRGB in 8 bits',
    proof: 'workers/edges/sharp.test.ts › ink on paper becomes sRGB',
  },
]
