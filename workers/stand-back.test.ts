import { describe, expect, it } from 'vitest'
import type { AssetPlan } from '../core/plan.ts'
import { standBack, steps } from './stand-back.ts'

const sound = { index: 1, codec: 'aac' }

function video({ width = 1920, height = 1080, fps = 25, seconds = 10, tracks = 1 }): AssetPlan {
  const picture = { codedWidth: width, codedHeight: height, fps: { num: fps, den: 1 } }
  const info = { duration: seconds, video: picture, audio: Array.from({ length: tracks }, () => sound) }
  // What is decided goes by these alone.
  return { kind: 'video', info } as unknown as AssetPlan
}
const picture = { kind: 'image' } as AssetPlan

describe('what is soon done goes before what takes long', () => {
  it.each<[string, AssetPlan, string, number, keyof typeof steps]>([
    ['the first piece of a film', video({ seconds: 7_200 }), 'encode:0', 0, 'soon'],
    ['a later piece', video({ seconds: 7_200 }), 'encode:1', 0, 'last'],
    ['the first piece of 1080p at 60', video({ fps: 60 }), 'encode:0', 0, 'soon'],
    ['the first piece of 4K', video({ width: 3840, height: 2160 }), 'encode:0', 0, 'last'],
    ['the sound of a clip', video({}), 'sound:0', 0, 'soon'],
    ['the sound of a film', video({ seconds: 7_200 }), 'sound:0', 0, 'usual'],
    ['thirty sound tracks of ten minutes', video({ seconds: 600, tracks: 30 }), 'sound:0', 0, 'last'],
    ['three pictures of a film', video({ seconds: 7_200 }), 'stills', 0, 'soon'],
    ['three pictures of 8K', video({ width: 7680, height: 4320 }), 'stills', 0, 'last'],
    ['the storyboard of a clip', video({}), 'storyboard', 0, 'soon'],
    ['the storyboard of a film', video({ seconds: 7_200 }), 'storyboard', 0, 'last'],
    ['the single file of a film', video({ seconds: 7_200 }), 'mp4', 0, 'last'],
    ['a photograph', picture, 'variants', 12e6, 'soon'],
    ['a picture of 49 megapixels', picture, 'variants', 49e6, 'last'],
  ])('%s', (_, plan, key, pixels, place) => {
    expect(standBack({ plan, key, pixels })).toBe(steps[place])
  })
})
