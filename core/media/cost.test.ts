import fc from 'fast-check'
import { expect, test } from 'vitest'
import { builtInProfiles } from './built-in-profiles.ts'
import { addressSpace, encodeMemory, stillsMemory } from './cost.ts'
import type { MediaInfo, VideoInfo } from './media-info.ts'
import { planVideo } from './video-plan.ts'

const [profile] = builtInProfiles
if (!profile) throw new Error('no profile is built in')

type Wish = Partial<VideoInfo> & { width: number; height: number; cpus?: number; preset?: 'veryfast' | 'slow' }

function costs({ cpus = 2, preset = 'veryfast', ...picture }: Wish) {
  const { width, height } = picture
  const source: VideoInfo = {
    ...{ index: 0, codec: 'h264', codedWidth: width, codedHeight: height, sar: { num: 1, den: 1 }, rotation: 0 },
    ...{ mirrored: false, fps: { num: 25, den: 1 }, constantRate: true, duration: 60, pixFmt: 'yuv420p' },
    ...{ bitDepth: 8, hdr: false, interlaced: false },
    ...picture,
  }
  const info: MediaInfo = {
    ...{ kind: 'video', container: 'mov', duration: 60, video: source, audio: [], subtitles: [], dataStreams: 0 },
  }
  if (!profile || profile.video === false) throw new Error('the first profile encodes')
  const plan = planVideo({ info, profile: { ...profile, video: { ...profile.video, preset } } })
  return { encode: encodeMemory({ info, source, plan, cpus }), stills: stillsMemory({ info, source, cpus }) }
}

const side = fc.integer({ min: 8, max: 2000 }).map((half) => half * 2)
const deep = { pixFmt: 'yuv420p10le', bitDepth: 10 }

test('more of anything never costs less: pixels, depth, tone mapping, processors, a slower preset', () => {
  const wishes = fc.record({ width: side, height: side, cpus: fc.integer({ min: 1, max: 64 }) })
  fc.assert(
    fc.property(wishes, (wish) => {
      const { encode, stills } = costs(wish)
      const more: Wish[] = [
        { ...wish, width: wish.width * 2, height: wish.height * 2 },
        { ...wish, ...deep },
        { ...wish, ...deep, hdr: 'pq' },
        { ...wish, pixFmt: 'yuv444p' },
        { ...wish, cpus: wish.cpus + 1 },
        { ...wish, preset: 'slow' },
      ]
      for (const one of more) {
        expect(costs(one).encode).toBeGreaterThanOrEqual(encode)
        expect(costs(one).stills).toBeGreaterThanOrEqual(stills)
      }
    }),
  )
})

test('a 4K HDR piece is not a 480p piece', () => {
  const small = costs({ width: 854, height: 480 }).encode
  const large = costs({ width: 3840, height: 2160, ...deep, hdr: 'pq' }).encode
  expect(large / small).toBeGreaterThan(4)
})

test('the limit on a run lies above its estimate, and not at the end of the machine', () => {
  for (const { encode: bytes } of [costs({ width: 320, height: 180 }), costs({ width: 3840, height: 2160 })]) {
    const limit = addressSpace({ bytes, cpus: 2, outputs: 5 })
    expect(limit).toBeGreaterThan(1.5 * bytes)
    expect(limit).toBeLessThan(1.5 * bytes + 1.5 * 2 ** 30)
  }
})
