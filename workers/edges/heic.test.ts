import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { corners } from '../../fixtures/images.ts'
import { decodePicture, openImage, type Picture } from './sharp.ts'
import { defaultImageLimits as limits } from './sharp-setup.ts'

const heic = (name: string) => readFile(new URL(`../../fixtures/heic/${name}.heic`, import.meta.url))
const decode = async (name: string) => decodePicture({ bytes: await heic(name), limits })
const pixel = ({ data, width, channels }: Picture, x: number, y: number) => {
  const at = (y * width + x) * channels
  return [...data.subarray(at, at + channels)]
}
const near = (found: number[], wanted: readonly number[], by = 14) =>
  found.length >= wanted.length && wanted.every((level, index) => Math.abs(level - (found[index] ?? -99)) <= by)
const seen = (picture: Picture) => {
  const [right, bottom] = [picture.width - 10, picture.height - 10]
  const at = [pixel(picture, 9, 9), pixel(picture, right, 9), pixel(picture, 9, bottom), pixel(picture, right, bottom)]
  return at.map(
    (color) => ['red', 'green', 'blue', 'yellow'].find((_, n) => near(color, corners[n] ?? [], 45)) ?? color,
  )
}

describe('HEIC', () => {
  test('a phone’s tiles become one picture, turned once though the turn is told twice', async () => {
    expect(await openImage({ bytes: await heic('phone'), limits })).toMatchObject({
      format: 'heic',
      width: 100,
      height: 120,
    })
    const picture = await decode('phone')
    expect(picture).toMatchObject({ width: 100, height: 120, channels: 3 })
    // A quarter turn with the clock.
    expect(seen(picture)).toEqual(['blue', 'red', 'yellow', 'green'])
  })

  test('a picture that is turned and mirrored comes out as it was seen', async () => {
    expect(seen(await decode('mirrored'))).toEqual(['red', 'blue', 'green', 'yellow'])
  })

  test.each(['rose-profile', 'rose-numbers'])('Display P3 becomes sRGB: %s', async (name) => {
    // By the definition of both spaces, Display P3 (200, 100, 100) is sRGB (215, 93, 97).
    expect(near(pixel(await decode(name), 30, 30), [215, 93, 97], 4)).toBe(true)
  })

  test('of several pictures the main one is taken, wherever it lies', async () => {
    const picture = await decode('second-is-main')
    expect(picture).toMatchObject({ width: 120, height: 100 })
    expect(seen(picture)).toEqual(['red', 'green', 'blue', 'yellow'])
  })

  test('a burst or live picture gives its main picture', async () => {
    expect(seen(await decode('burst'))).toEqual(['red', 'green', 'blue', 'yellow'])
  })

  test('what shows through keeps doing so', async () => {
    const picture = await decode('glass')
    expect(picture.channels).toBe(4)
    expect(near(pixel(picture, 30, 30), [255, 0, 0, 128], 6)).toBe(true)
  })

  test('a size is decoded to when one is asked for', async () => {
    const picture = await decodePicture({ bytes: await heic('phone'), limits, size: { width: 50, height: 60 } })
    expect(picture).toMatchObject({ width: 50, height: 60, data: { length: 50 * 60 * 3 } })
  })
})

describe('HEIC that is not right', () => {
  test.each([400, 300, 60])('cut off %i bytes before its end, it is damaged', async (missing) => {
    const bytes = (await heic('second-is-main')).subarray(0, -missing)
    await expect(decodePicture({ bytes, limits })).rejects.toMatchObject({ code: 'corrupt_media' })
  })

  test('a picture larger than its header says is stopped', async () => {
    await expect(decode('lying')).rejects.toMatchObject({ code: 'corrupt_media', fate: 'give_up' })
  })

  test('more pixels than allowed are refused before anything is decoded', async () => {
    const narrow = { ...limits, maxPixels: 11_999 }
    await expect(decodePicture({ bytes: await heic('phone'), limits: narrow })).rejects.toMatchObject({
      code: 'too_many_pixels',
    })
  })
})
