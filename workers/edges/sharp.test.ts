import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import {
  animatedGif,
  cmykJpeg,
  corners,
  cornersJpeg,
  deepPng,
  hugePng,
  noisePng,
  pdfDocument,
  plainImage,
  svgImage,
} from '../../fixtures/images.ts'
import { tempFolder } from '../../test/setup/temp-folder.ts'
import { decodePicture, openImage, type Picture } from './sharp.ts'
import { defaultImageLimits as limits } from './sharp-setup.ts'

const roseAvif = new URL('../../fixtures/heic/rose-numbers.avif', import.meta.url)
const drawn = (background: string) => sharp({ create: { width: 16, height: 12, channels: 4, background } })
const pixel = ({ data, width, channels }: Picture, x: number, y: number) => {
  const at = (y * width + x) * channels
  return [...data.subarray(at, at + channels)]
}
const near = (found: number[], wanted: readonly number[], by = 12) =>
  wanted.every((level, index) => Math.abs(level - (found[index] ?? Number.NaN)) <= by)

describe('what is let in', () => {
  test.each(['jpeg', 'png', 'webp', 'avif', 'gif'] as const)('%s is opened and decoded', async (format) => {
    const bytes = await plainImage({ width: 64, height: 48, color: '#3070c0', format })
    expect(await openImage({ bytes, limits })).toMatchObject({ format, width: 64, height: 48, pages: 1 })
    const picture = await decodePicture({ bytes, limits })
    expect(picture).toMatchObject({ width: 64, height: 48, channels: 3 })
    expect(near(pixel(picture, 30, 20), [0x30, 0x70, 0xc0])).toBe(true)
  })

  test.each([
    ['SVG', svgImage],
    ['SVG behind an XML declaration', Buffer.concat([Buffer.from('<?xml version="1.0"?>\n'), svgImage])],
    ['PDF', pdfDocument],
    ['text', Buffer.from('<!doctype html><p>not a picture at all</p>')],
  ])('%s is refused', async (_name, bytes) => {
    await expect(openImage({ bytes, limits })).rejects.toMatchObject({ code: 'unsupported_container' })
    await expect(decodePicture({ bytes, limits })).rejects.toMatchObject({ code: 'unsupported_container' })
  })

  test('TIFF is refused, and read where it is asked for', async () => {
    const bytes = await plainImage({ width: 8, height: 8, color: '#3070c0', format: 'tiff' })
    await expect(openImage({ bytes, limits })).rejects.toMatchObject({ code: 'unsupported_container' })
    await expect(decodePicture({ bytes, limits })).rejects.toMatchObject({ code: 'unsupported_container' })
    const asked = { ...limits, tiff: true }
    expect(await openImage({ bytes, limits: asked })).toMatchObject({ format: 'tiff', width: 8 })
    expect(near(pixel(await decodePicture({ bytes, limits: asked }), 4, 4), [0x30, 0x70, 0xc0])).toBe(true)
  })

  test('the loaders themselves are off: for SVG from memory, and for anything from a path', async () => {
    await expect(sharp(svgImage).metadata()).rejects.toThrow(/unsupported image format/)
    const folder = await mkdtemp(join(tmpdir(), 'sluice-sharp-'))
    for (const format of ['jpeg', 'png', 'webp', 'avif', 'gif'] as const) {
      const path = join(folder, `picture.${format}`)
      await writeFile(path, await plainImage({ width: 8, height: 8, color: '#fff', format }))
      await expect(sharp(path).metadata()).rejects.toThrow(/unsupported image format/)
    }
    await rm(folder, { recursive: true })
  })
})

describe('what is too much', () => {
  test.each([
    ['20 million pixels in one column', 1, 20_000_000],
    ['900 megapixels', 30_000, 30_000],
    ['a side of 17000', 17_000, 100],
  ])('%s is refused from its header', async (_name, width, height) => {
    const bytes = hugePng({ width, height })
    // Nothing but a header: whoever reads on finds it broken.
    await expect(decodePicture({ bytes, limits })).rejects.toMatchObject({ code: 'too_many_pixels' })
  })

  test('more pixels than the settings allow are refused', async () => {
    const bytes = await plainImage({ width: 100, height: 101, color: '#fff', format: 'webp' })
    await expect(openImage({ bytes, limits: { ...limits, maxPixels: 10_000 } })).rejects.toMatchObject({
      code: 'too_many_pixels',
    })
  })

  test('more bytes than the settings allow are refused', async () => {
    const bytes = await plainImage({ width: 10, height: 10, color: '#fff', format: 'png' })
    await expect(openImage({ bytes, limits: { ...limits, maxBytes: 10 } })).rejects.toMatchObject({ code: 'too_large' })
  })
})

describe('what is broken', () => {
  test('a picture that ends too early is refused as damaged', async () => {
    const png = await noisePng({ width: 200, height: 200 })
    const jpeg = await sharp({
      create: {
        width: 200,
        height: 200,
        channels: 3,
        background: '#123',
        noise: { type: 'gaussian', mean: 100, sigma: 50 },
      },
    })
      .jpeg()
      .toBuffer()
    for (const bytes of [png, jpeg]) {
      await expect(decodePicture({ bytes: bytes.subarray(0, bytes.length >> 1), limits })).rejects.toMatchObject({
        code: 'corrupt_media',
        fate: 'give_up',
      })
    }
  })

  test('an empty file is refused', async () => {
    await expect(openImage({ bytes: Buffer.alloc(0), limits })).rejects.toMatchObject({ fate: 'give_up' })
  })
})

describe('what is seen', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])('EXIF orientation %i comes out upright', async (orientation) => {
    const bytes = await cornersJpeg({ width: 96, height: 64, orientation })
    expect(await openImage({ bytes, limits })).toMatchObject({ width: 96, height: 64, orientation })
    const picture = await decodePicture({ bytes, limits, size: { width: 48, height: 32 } })
    expect(picture).toMatchObject({ width: 48, height: 32 })
    const found = [pixel(picture, 5, 5), pixel(picture, 42, 5), pixel(picture, 5, 26), pixel(picture, 42, 26)]
    expect(found.map((color, index) => near(color, corners[index] ?? []))).toEqual([true, true, true, true])
  })

  test('a moving GIF gives its first frame', async () => {
    const bytes = await animatedGif({ width: 20, height: 10 })
    expect(await openImage({ bytes, limits })).toMatchObject({ width: 20, height: 10, pages: 3 })
    const picture = await decodePicture({ bytes, limits })
    expect(picture).toMatchObject({ width: 20, height: 10 })
    expect(near(pixel(picture, 10, 5), corners[0] ?? [])).toBe(true)
  })

  test('ink on paper becomes sRGB', async () => {
    const bytes = await cmykJpeg({ width: 40, height: 40, color: '#c03020' })
    expect((await openImage({ bytes, limits })).space).toBe('cmyk')
    const picture = await decodePicture({ bytes, limits })
    expect(picture.channels).toBe(3)
    expect(near(pixel(picture, 20, 20), [0xc0, 0x30, 0x20], 30)).toBe(true)
  })

  test('16 bits in a wide colour space become 8 bits in sRGB, not the same numbers in another space', async () => {
    const bytes = await deepPng({ width: 40, height: 40, color: [128, 128, 128] })
    expect((await openImage({ bytes, limits })).depth).toBe('ushort')
    expect(near(pixel(await decodePicture({ bytes, limits }), 20, 20), [128, 128, 128], 3)).toBe(true)
    // By the definition of both spaces, Display P3 (200, 100, 100) is sRGB (215, 93, 97).
    const rose = await decodePicture({
      bytes: await deepPng({ width: 40, height: 40, color: [200, 100, 100] }),
      limits,
    })
    expect(near(pixel(rose, 20, 20), [215, 93, 97], 2)).toBe(true)
  })

  test.each([
    ['gray', () => drawn('#808080').toColourspace('b-w').png(), 3],
    ['gray that shows through', () => drawn('#80808080').toColourspace('b-w').png(), 4],
    ['gray in 16 bits', () => drawn('#808080').toColourspace('grey16').png(), 3],
    ['16 bits that show through', () => drawn('#80808080').toColourspace('rgb16').png(), 4],
    ['a palette', () => drawn('#808080').png({ palette: true }), 3],
    ['a palette that shows through', () => drawn('#80808080').png({ palette: true }), 4],
    ['interlaced', () => drawn('#808080').png({ progressive: true }), 3],
    ['a progressive JPEG', () => drawn('#808080').flatten().jpeg({ progressive: true }), 3],
    ['ink without a profile', () => drawn('#808080').flatten().toColourspace('cmyk').jpeg(), 3],
    ['a gray JPEG', () => drawn('#808080').flatten().toColourspace('b-w').jpeg(), 3],
  ])('%s comes out as 8 bits of sRGB', async (_name, draw, channels) => {
    const picture = await decodePicture({ bytes: await draw().toBuffer(), limits })
    expect(picture).toMatchObject({ width: 16, height: 12, channels, data: { length: 16 * 12 * channels } })
    expect(near(pixel(picture, 8, 6), channels === 4 ? [128, 128, 128, 128] : [128, 128, 128], 14)).toBe(true)
  })

  test('AVIF in Display P3, named by numbers alone, becomes sRGB', async () => {
    const picture = await decodePicture({ bytes: await readFile(roseAvif), limits })
    // As in HEIC: Display P3 (200, 100, 100) is sRGB (215, 93, 97).
    expect(near(pixel(picture, 30, 30), [215, 93, 97], 4)).toBe(true)
  })

  test('a moving AVIF gives its first frame', async () => {
    const folder = await tempFolder()
    const file = join(folder, 'moving.avif')
    const frames = ['red', 'lime', 'blue'].flatMap((color) => [
      '-f',
      'lavfi',
      '-t',
      '0.2',
      '-i',
      `color=${color}:s=64x64:r=5`,
    ])
    const encoder = ['-c:v', 'libaom-av1', '-cpu-used', '8', '-crf', '20', '-f', 'avif', file]
    await promisify(execFile)('ffmpeg', ['-v', 'error', ...frames, '-filter_complex', 'concat=n=3', ...encoder])
    const bytes = await readFile(file)
    expect(await openImage({ bytes, limits })).toMatchObject({ format: 'avif', width: 64, height: 64 })
    const [red = 0, green, blue] = pixel(await decodePicture({ bytes, limits }), 30, 30)
    expect(red).toBeGreaterThan(200)
    expect(Math.max(green ?? 255, blue ?? 255)).toBeLessThan(60)
  })

  test('an alpha channel that hides nothing is dropped, one that does is kept', async () => {
    const solid = await plainImage({ width: 8, height: 8, color: '#ff0000ff', format: 'png' })
    const glass = await plainImage({ width: 8, height: 8, color: '#ff000080', format: 'png' })
    expect((await decodePicture({ bytes: solid, limits })).channels).toBe(3)
    expect(pixel(await decodePicture({ bytes: glass, limits }), 4, 4)).toEqual([255, 0, 0, 128])
  })
})
