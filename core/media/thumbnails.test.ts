import { expect, test } from 'vitest'
import { planPoster, planThumbnails } from './thumbnails.ts'

test('there are three thumbnails, in the three promised sizes, whatever the fit', () => {
  for (const fit of ['cover', 'inside'] as const) {
    expect(planThumbnails({ fit }).map(({ file, width, height }) => `${file} ${width}x${height}`)).toEqual([
      'thumbnails/small.jpg 320x180',
      'thumbnails/medium.jpg 640x360',
      'thumbnails/large.jpg 1280x720',
    ])
  }
})

test('a poster keeps the shape of the video, upright or not, and is never enlarged', () => {
  expect(planPoster({ source: { width: 3840, height: 1600 } })).toMatchObject({ width: 1920, height: 800 })
  expect(planPoster({ source: { width: 1080, height: 1920 } })).toMatchObject({ width: 1080, height: 1920 })
  expect(planPoster({ source: { width: 200, height: 100 } })).toMatchObject({ width: 200, height: 100 })
})
