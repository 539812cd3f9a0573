import { describe, expect, it } from 'vitest'
import type { AssetPlan } from '../core/plan.ts'
import { isLong, niceOf } from './stand-back.ts'

const sound = { index: 1, codec: 'aac' }

function video({ width = 1920, height = 1080, fps = 25, seconds = 10, tracks = 1 }): AssetPlan {
  const picture = { codedWidth: width, codedHeight: height, fps: { num: fps, den: 1 } }
  const info = { duration: seconds, video: picture, audio: Array.from({ length: tracks }, () => sound) }
  // What is decided goes by these alone.
  return { kind: 'video', info } as unknown as AssetPlan
}
const picture = { kind: 'image' } as AssetPlan

describe('what takes long stands back for what is soon done', () => {
  it.each<[string, AssetPlan, string, number, boolean]>([
    ['the first piece of a film', video({ seconds: 7_200 }), 'encode:0', 0, false],
    ['a later piece', video({ seconds: 7_200 }), 'encode:1', 0, true],
    ['the first piece of 1080p at 60', video({ fps: 60 }), 'encode:0', 0, false],
    ['the first piece of 4K', video({ width: 3840, height: 2160 }), 'encode:0', 0, true],
    ['the sound of a film', video({ seconds: 7_000 }), 'sound:0', 0, false],
    ['thirty sound tracks of ten minutes', video({ seconds: 600, tracks: 30 }), 'sound:0', 0, true],
    ['three pictures of a film', video({ seconds: 7_200 }), 'stills', 0, false],
    ['three pictures of 8K', video({ width: 7680, height: 4320 }), 'stills', 0, true],
    ['the storyboard of a clip', video({}), 'storyboard', 0, false],
    ['the storyboard of a film', video({ seconds: 7_200 }), 'storyboard', 0, true],
    ['the single file of a film', video({ seconds: 7_200 }), 'mp4', 0, true],
    ['a photograph', picture, 'variants', 12e6, false],
    ['a picture of 49 megapixels', picture, 'variants', 49e6, true],
  ])('%s', (_, plan, key, pixels, long) => {
    expect(isLong({ plan, key, pixels })).toBe(long)
  })
})

it('only the first piece goes before all else on the processor', () => {
  const plan = video({})
  expect(['encode:0', 'encode:1', 'stills', 'sound:0'].map((key) => niceOf({ plan, key, pixels: 0 }))).toEqual([
    10, 17, 17, 17,
  ])
})
