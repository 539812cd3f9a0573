import fc from 'fast-check'
import { expect, test } from 'vitest'
import { defaultImageWishes, planImage, srcset } from './image-variants.ts'
import type { Render } from './renders.ts'

const size = fc.record({ width: fc.integer({ min: 1, max: 16384 }), height: fc.integer({ min: 1, max: 16384 }) })
const shown = ({ file, width, height }: Render) => `${file} ${width}x${height}`

test('a photo of 12 megapixels becomes five widths in two formats, a web JPEG and three thumbnails', () => {
  const { working, renders } = planImage({ facts: { width: 4000, height: 3000 } })
  expect(working).toEqual({ width: 1920, height: 1440 })
  expect(renders.map(shown)).toEqual([
    'images/w320.webp 320x240',
    'images/w320.avif 320x240',
    'images/w640.webp 640x480',
    'images/w640.avif 640x480',
    'images/w960.webp 960x720',
    'images/w960.avif 960x720',
    'images/w1280.webp 1280x960',
    'images/w1280.avif 1280x960',
    'images/w1920.webp 1920x1440',
    'images/w1920.avif 1920x1440',
    'images/web.jpg 1600x1200',
    'thumbnails/small.jpg 320x180',
    'thumbnails/medium.jpg 640x360',
    'thumbnails/large.jpg 1280x720',
  ])
})

test('a picture narrower than the smallest step keeps its own width', () => {
  const { renders } = planImage({ facts: { width: 200, height: 100 } })
  expect(renders.filter((render) => render.role === 'image').map(shown)).toEqual([
    'images/w200.webp 200x100',
    'images/w200.avif 200x100',
    'images/web.jpg 200x100',
  ])
})

test('a profile can switch formats, widths, the web JPEG and the thumbnails off', () => {
  const { renders } = planImage({ facts: { width: 1000, height: 500 }, wishes: { widths: [640], formats: ['webp'] } })
  expect(renders.map(shown)).toEqual(['images/w640.webp 640x320'])
})

test('a wide panorama is decoded large enough for a sharp 16:9 crop', () => {
  expect(planImage({ facts: { width: 12000, height: 1000 } }).working).toEqual({ width: 8640, height: 720 })
})

test('no variant is ever larger than its source, loses its shape by more than a pixel, or is made twice', () => {
  fc.assert(
    fc.property(size, (facts) => {
      const { working, renders } = planImage({ facts })
      const images = renders.filter((render) => render.role === 'image')
      for (const { width, height } of [...images, working]) {
        expect(width).toBeLessThanOrEqual(facts.width)
        expect(height).toBeLessThanOrEqual(facts.height)
        expect(width).toBeGreaterThanOrEqual(1)
        expect(height).toBeGreaterThanOrEqual(1)
        const exact = (facts.height * width) / facts.width
        const tolerance = Math.max(1, facts.height / facts.width)
        expect(Math.abs(height - exact)).toBeLessThanOrEqual(tolerance)
      }
      for (const { width, height } of images) {
        expect(width).toBeLessThanOrEqual(working.width)
        expect(height).toBeLessThanOrEqual(working.height)
      }
      const files = renders.map((render) => render.file)
      expect(new Set(files).size).toBe(files.length)
    }),
  )
})

test('every format can hold what is planned for it', () => {
  fc.assert(
    fc.property(size, (facts) => {
      for (const render of planImage({ facts }).renders) {
        expect(Math.max(render.width, render.height)).toBeLessThanOrEqual(16383)
        if (render.name === 'web') expect(Math.max(render.width, render.height)).toBeLessThanOrEqual(1600)
      }
    }),
  )
})

test('every picture has variants in every format asked for', () => {
  fc.assert(
    fc.property(size, (facts) => {
      const { renders } = planImage({ facts })
      for (const format of defaultImageWishes.formats) {
        expect(renders.some((render) => render.format === format)).toBe(true)
      }
    }),
  )
})

test('srcset lists the variants of each format, narrowest first, and survives odd addresses', () => {
  const images = [
    { name: 'original', url: '/a/original.webp', width: 4000, format: 'webp' },
    { name: 'animated', url: '/a/animated.webp', width: 480, format: 'webp' },
    { name: 'w640', url: '/a/w640.webp', width: 640, format: 'webp' },
    { name: 'w320', url: '/a/w320.avif', width: 320, format: 'avif' },
    { name: 'w320', url: '/a b,c/w320.webp', width: 320, format: 'webp' },
    { name: 'web', url: '/a/web.jpg', width: 1600, format: 'jpeg' },
  ]
  expect(srcset(images)).toEqual({
    avif: '/a/w320.avif 320w',
    webp: '/a%20b%2Cc/w320.webp 320w, /a/w640.webp 640w',
  })
})

test('what was not scaled has no srcset', () => {
  expect(srcset([])).toBeNull()
  expect(srcset([{ name: 'original', url: '/a.webp', width: 10, format: 'webp' }])).toBeNull()
})
