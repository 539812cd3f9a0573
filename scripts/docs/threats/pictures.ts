import type { Row } from './threat.ts'

/** B20 to B24: what a picture may try. */
export const pictureThreats: Row[] = [
  {
    id: 'B20',
    input:
      'PNG of 30000 to a side, of one column of 20 million, of 16000 to a side; AVIF and HEIC of 17000, 30000, 2^31; JPEG of 65535',
    outcome: 'refused from the header',
    code: 'too_many_pixels',
    proof: 'test/hostile.test.ts › $threat $name: $what',
  },
  {
    id: 'B20',
    input: 'PNG of 2^31 to a side, WebP of 2^24',
    outcome: 'refused as damaged',
    code: 'corrupt_media',
    proof: 'test/hostile.test.ts › $threat $name: $what',
  },
  {
    id: 'B20',
    input: 'PNG with a note or a colour profile that unpacks to 200 MB',
    outcome: 'a picture; the rest is not unpacked',
    proof: 'test/hostile.test.ts › $threat $name: $what',
  },
  {
    id: 'B20',
    input: 'a header alone',
    outcome: 'is all that is read before the size is judged',
    code: 'too_many_pixels',
    proof: 'workers/edges/sharp.test.ts › %s is refused from its header',
  },
  {
    id: 'B21',
    input: 'GIF of 5000 frames of 5000 to a side',
    outcome: 'one frame is looked at; as it is past the limits of what moves, its first frame stands for it',
    proof: 'test/hostile.test.ts › $threat $name: $what',
  },
  {
    id: 'B21',
    input: 'pictures that move',
    outcome: 'one frame is decoded',
    proof: 'workers/edges/sharp.test.ts › a moving GIF gives its first frame',
  },
  {
    id: 'B22',
    input: 'SVG: plain, with entities, laughs, uses, pictures of others, scripts, sizes, packed',
    outcome: 'never rendered',
    code: 'unsupported_container',
    proof: 'test/hostile.test.ts › $threat $name: $what',
  },
  {
    id: 'B22',
    input: 'the loader of SVG, and any loader from a path',
    outcome: 'off',
    code: 'unsupported_container',
    proof:
      'workers/edges/sharp.test.ts › the loaders themselves are off: for SVG from memory, and for anything from a path',
  },
  {
    id: 'B23',
    input: 'TIFF, PDF, PostScript, ImageMagick, Photoshop, BMP, OpenEXR, the library’s own',
    outcome: 'refused; TIFF is read where a profile asks for it, and then directories that go round or lie are damage',
    code: 'unsupported_container',
    proof: 'test/hostile.test.ts › $threat $name: $what',
  },
  {
    id: 'B23',
    input: 'TIFF',
    outcome: 'refused, and read where it is asked for',
    code: 'unsupported_container',
    proof: 'workers/edges/sharp.test.ts › TIFF is refused, and read where it is asked for',
  },
  {
    id: 'B24',
    input: 'EXIF with place and maker',
    outcome: 'in no file that is published, but for the original',
    proof: 'workers/image/variants.test.ts › where a photo was taken, and by whom, is in no file that is published',
  },
  {
    id: 'B24',
    input: 'orientations 1 to 8',
    outcome: 'applied, then gone',
    proof: 'workers/edges/sharp.test.ts › EXIF orientation %i comes out upright',
  },
  {
    id: 'B24',
    input: 'orientations 0, 9 and 65535, a colour profile of noise, ink on paper',
    outcome: 'a picture',
    proof: 'test/hostile.test.ts › $threat $name: $what',
  },
  {
    id: 'B24',
    input: 'CMYK',
    outcome: 'sRGB',
    proof: 'workers/edges/sharp.test.ts › ink on paper becomes sRGB',
  },
  {
    id: 'B24',
    input: '16 bits in a wide colour space',
    outcome: 'sRGB in 8 bits',
    proof:
      'workers/edges/sharp.test.ts › 16 bits in a wide colour space become 8 bits in sRGB, not the same numbers in another space',
  },
]
