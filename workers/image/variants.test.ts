import { readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { planImage } from '../../core/media/image-variants.ts'
import { animatedGif, corners, cornersJpeg, noisePng, plainImage } from '../../fixtures/images.ts'
import { openStillBench } from '../../fixtures/still-bench.ts'
import { openImageDesk } from '../edges/image-desk.ts'
import { openImage } from '../edges/sharp.ts'
import { defaultImageLimits as limits } from '../edges/sharp-setup.ts'
import { makeImageVariants } from './variants.ts'

let desk: Awaited<ReturnType<typeof openStillBench>>
beforeEach(async () => {
  desk = await openStillBench()
})
afterEach(() => desk.close())

const images = openImageDesk({ sandbox: [] })
afterAll(() => images.close())

async function make(source: Buffer) {
  const { bench, put } = desk
  return await makeImageVariants({
    source,
    plan: planImage({ facts: await openImage({ bytes: source, limits }) }),
    limits,
    images,
    tenant: 'default',
    bench,
    put,
  })
}

const rgb = async (file: string, left: number, top: number) => {
  const { data } = await sharp(desk.files.get(file))
    .ensureAlpha()
    .raw()
    .extract({ left, top, width: 1, height: 1 })
    .toBuffer({ resolveWithObject: true })
  return [...data]
}
const near = (found: number[], wanted: readonly number[], by = 20) =>
  wanted.every((level, index) => Math.abs(level - (found[index] ?? Number.NaN)) <= by)

test('a turned photo becomes upright files of the planned sizes, described as they are', async () => {
  const { outputs, placeholder } = await make(await cornersJpeg({ width: 700, height: 500, orientation: 6 }))
  expect(
    outputs.map(({ role, name, format, width, height }) => `${role} ${name} ${format} ${width}x${height}`),
  ).toEqual([
    'image w320 webp 320x229',
    'image w320 avif 320x229',
    'image w640 webp 640x457',
    'image w640 avif 640x457',
    'image web jpeg 700x500',
    'thumbnail small jpeg 320x180',
    'thumbnail medium jpeg 640x360',
    'thumbnail large jpeg 1280x720',
  ])
  for (const { key, width, height, bytes } of outputs) {
    const file = desk.files.get(key.replace('t/a/g1/', ''))
    expect(await sharp(file).metadata()).toMatchObject({ width, height })
    expect(file?.length).toBe(bytes)
  }
  for (const file of ['images/w640.webp', 'images/w640.avif', 'images/web.jpg']) {
    const [first, second, third, fourth] = corners
    expect(near(await rgb(file, 20, 20), first ?? [])).toBe(true)
    expect(near(await rgb(file, 600, 20), second ?? [])).toBe(true)
    expect(near(await rgb(file, 20, 430), third ?? [])).toBe(true)
    expect(near(await rgb(file, 600, 430), fourth ?? [])).toBe(true)
  }
  expect(placeholder.color).toMatch(/^#[0-9a-f]{6}$/)
  expect(Buffer.from(placeholder.thumbhash, 'base64').length).toBeGreaterThan(10)
})

test('where a photo was taken, and by whom, is in no file that is published', async () => {
  const source = await cornersJpeg({ width: 400, height: 300, orientation: 1 })
  expect(source.includes('SECRET-ARTIST')).toBe(true)
  expect(source.includes('SECRET-XMP')).toBe(true)
  await make(source)
  expect(desk.files.size).toBeGreaterThan(4)
  for (const [name, file] of desk.files) {
    const { exif, xmp, iptc } = await sharp(file).metadata()
    expect({ name, exif, xmp, iptc }).toEqual({ name })
    expect(file.includes('SECRET')).toBe(false)
  }
})

test('a phone’s HEIC becomes files that everything shows, and that say nothing of its maker', async () => {
  const source = await readFile(new URL('../../fixtures/heic/phone.heic', import.meta.url))
  expect(source.includes('SECRET-ARTIST')).toBe(true)
  const { outputs } = await make(source)
  expect(outputs.map(({ name, format, width, height }) => `${name} ${format} ${width}x${height}`)).toEqual([
    'w100 webp 100x120',
    'w100 avif 100x120',
    'web jpeg 100x120',
    'small jpeg 320x180',
    'medium jpeg 640x360',
    'large jpeg 1280x720',
  ])
  for (const file of desk.files.values()) expect(file.includes('SECRET')).toBe(false)
})

test('a picture that moves keeps moving, next to the stills of its first frame', async () => {
  const gif = await animatedGif({ width: 64, height: 48 })
  const { outputs } = await make(gif)
  expect(outputs.at(-1)).toMatchObject({ role: 'image', name: 'animated', format: 'webp', width: 64, height: 48 })
  const moving = desk.files.get('images/animated.webp')
  expect(await sharp(moving).metadata()).toMatchObject({ pages: 3, delay: [100, 100, 100], height: 48 })
  for (const page of [0, 1, 2]) {
    const { data } = await sharp(moving, { page }).removeAlpha().raw().toBuffer({ resolveWithObject: true })
    expect(near([...data.subarray(0, 3)], corners[page] ?? [])).toBe(true)
  }
  expect(near(await rgb('images/w64.webp', 10, 10), corners[0] ?? [])).toBe(true)

  desk.files.clear()
  await make(moving ?? gif)
  expect(await sharp(desk.files.get('images/animated.webp')).metadata()).toMatchObject({ pages: 3 })
  expect(await sharp(desk.files.get('images/w64.webp')).metadata()).not.toHaveProperty('delay')
})

test('a GIF that breaks off moves as far as it goes, as in browsers', async () => {
  const gif = await animatedGif({ width: 64, height: 48 })
  await make(gif.subarray(0, -40))
  const { pages } = await sharp(desk.files.get('images/animated.webp')).metadata()
  expect(pages).toBeGreaterThanOrEqual(2)
})

test('the web JPEG of a large picture full of noise stays under half a megabyte', async () => {
  const { outputs } = await make(await noisePng({ width: 2400, height: 1800 }))
  const web = outputs.find((output) => output.name === 'web')
  expect(web?.bytes).toBeLessThanOrEqual(500_000)
  expect(web?.bytes).toBeGreaterThan(250_000)
  expect((web?.width ?? 0) / (web?.height ?? 1)).toBeCloseTo(4 / 3, 1)
})

test('what shows through keeps doing so in WebP and AVIF, and is white in JPEG', async () => {
  await make(await plainImage({ width: 400, height: 300, color: '#ff000000', format: 'png' }))
  expect((await rgb('images/w320.webp', 10, 10))[3]).toBe(0)
  expect((await rgb('images/w320.avif', 10, 10))[3]).toBe(0)
  expect(near(await rgb('images/web.jpg', 10, 10), [255, 255, 255], 1)).toBe(true)
  expect(near(await rgb('thumbnails/small.jpg', 10, 10), [255, 255, 255], 1)).toBe(true)
})

test('a picture of one pixel has its variants and its three thumbnails', async () => {
  const { outputs } = await make(await plainImage({ width: 1, height: 1, color: '#336699', format: 'png' }))
  expect(outputs.map(({ name, width, height }) => `${name} ${width}x${height}`)).toEqual([
    'w1 1x1',
    'w1 1x1',
    'web 1x1',
    'small 320x180',
    'medium 640x360',
    'large 1280x720',
  ])
})

test('nothing is published once the task is aborted', async () => {
  const source = await plainImage({ width: 64, height: 64, color: '#fff', format: 'png' })
  desk.abort.abort(new Error('cancelled'))
  await expect(make(source)).rejects.toThrow('cancelled')
  expect(desk.files.size).toBe(0)
})

test('a run that may no longer write publishes nothing', async () => {
  desk.bench.guard = () => {
    throw new Error('taken over')
  }
  await expect(make(await plainImage({ width: 64, height: 64, color: '#fff', format: 'png' }))).rejects.toThrow(
    'taken over',
  )
  expect(desk.files.size).toBe(0)
})
