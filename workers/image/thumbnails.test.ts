import sharp from 'sharp'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { plainImage } from '../../fixtures/images.ts'
import { openStillBench } from '../../fixtures/still-bench.ts'
import { decodePicture } from '../edges/sharp.ts'
import { defaultImageLimits as limits } from '../edges/sharp-setup.ts'
import { makeThumbnails } from './thumbnails.ts'

let desk: Awaited<ReturnType<typeof openStillBench>>
beforeEach(async () => {
  desk = await openStillBench()
})
afterEach(() => desk.close())

const shapes = [
  ['wide', 1600, 200],
  ['tall', 200, 1600],
  ['smaller than the smallest', 30, 20],
  ['four by three', 1024, 768],
] as const

test.each(shapes)(
  'a picture that is %s has exactly the three sizes, cropped or whole',
  async (_name, width, height) => {
    const picture = await decodePicture({
      bytes: await plainImage({ width, height, color: '#2080d0', format: 'webp' }),
      limits,
    })
    for (const fit of ['cover', 'inside'] as const) {
      const { bench, put } = desk
      const outputs = await makeThumbnails({ picture, fit, bench, put })
      expect(outputs.map((output) => `${output.name} ${output.width}x${output.height}`)).toEqual([
        'small 320x180',
        'medium 640x360',
        'large 1280x720',
      ])
      for (const [file, wanted] of [
        ['small', '320x180'],
        ['medium', '640x360'],
        ['large', '1280x720'],
      ]) {
        const found = await sharp(desk.files.get(`thumbnails/${file}.jpg`)).metadata()
        expect(`${found.format} ${found.width}x${found.height}`).toBe(`jpeg ${wanted}`)
      }
    }
  },
)

test('cover fills the frame, inside shows the whole picture between black bars', async () => {
  const picture = await decodePicture({
    bytes: await plainImage({ width: 200, height: 1600, color: '#2080d0', format: 'png' }),
    limits,
  })
  const { bench, put } = desk
  const corner = async () => [...(await sharp(desk.files.get('thumbnails/small.jpg')).raw().toBuffer()).subarray(0, 3)]
  await makeThumbnails({ picture, fit: 'cover', bench, put })
  expect((await corner())[2]).toBeGreaterThan(180)
  await makeThumbnails({ picture, fit: 'inside', bench, put })
  expect(Math.max(...(await corner()))).toBeLessThan(10)
})
