import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Render } from '../../core/media/renders.ts'
import { encodeWithinBudget } from './image-budget.ts'

const render: Render = {
  role: 'image',
  name: 'web',
  file: 'images/web.jpg',
  format: 'jpeg',
  fit: 'exact',
  width: 1600,
  height: 1200,
  quality: 82,
}
const encoder = (bytesPerPixel: number) => {
  const tried: string[] = []
  const encode = async ({ width, height, quality }: Render) => {
    tried.push(`${width}x${height} q${quality}`)
    return { width, height, bytes: Buffer.alloc(Math.ceil((width * height * bytesPerPixel * quality) / 100)) }
  }
  return { tried, encode }
}

test('a picture that fits is encoded once', async () => {
  const { tried, encode } = encoder(0.1)
  await encodeWithinBudget({ render: { ...render, maxBytes: 500_000 }, encode })
  expect(tried).toEqual(['1600x1200 q82'])
})

test('quality gives way before size does', async () => {
  const { encode } = encoder(0.4)
  const { width, bytes } = await encodeWithinBudget({ render: { ...render, maxBytes: 500_000 }, encode })
  expect(width).toBe(1600)
  expect(bytes.length).toBeGreaterThan(450_000)
})

test('whatever the picture, the file ends no larger than allowed, in few tries', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.double({ min: 0.01, max: 6, noNaN: true }),
      fc.integer({ min: 20_000, max: 500_000 }),
      async (bpp, maxBytes) => {
        const { tried, encode } = encoder(bpp)
        expect(
          (await encodeWithinBudget({ render: { ...render, maxBytes }, encode })).bytes.length,
        ).toBeLessThanOrEqual(maxBytes)
        expect(tried.length).toBeLessThanOrEqual(10)
      },
    ),
    { numRuns: 50 },
  )
})
