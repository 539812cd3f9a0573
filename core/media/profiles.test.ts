import fc from 'fast-check'
import { expect, test } from 'vitest'
import { builtInProfiles, defaultProfile } from './built-in-profiles.ts'
import { profileSchema } from './profile.ts'
import { readProfiles } from './profiles.ts'

const read = (file: unknown) => {
  const { profiles, faults } = readProfiles(file)
  expect(faults).toEqual([])
  return profiles
}
const faults = (file: unknown) => readProfiles(file).faults.map(({ path, message }) => `${path}: ${message}`)

test('without a file there are four profiles, each of them whole', () => {
  expect([...read(undefined).keys()]).toEqual(['default', 'fast', 'rehost', 'uhd'])
  for (const profile of builtInProfiles) expect(profileSchema.parse(profile)).toEqual(profile)
})

test('a profile says only what differs: parts are merged, lists are replaced', () => {
  const ladder = [{ shortSide: 480, maxBitrate: 1_000_000 }]
  const mobile = read({
    mobile: { extends: 'fast', video: { ladder, crf: 27 }, images: { web: { longSide: 800 } }, waveform: false },
  }).get('mobile')
  const fast = builtInProfiles.find(({ name }) => name === 'fast')
  expect(mobile).toEqual({
    ...fast,
    name: 'mobile',
    video: { ...(fast?.video || {}), ladder, crf: 27 },
    images: { ...(fast?.images || {}), web: { longSide: 800, maxBytes: 500_000 } },
    waveform: false,
  })
})

test('nothing said means `default`, and a part that is switched on where it was off is that of `default`', () => {
  expect(read({ plain: {} }).get('plain')).toEqual({ ...defaultProfile, name: 'plain' })
  const sound = read({ voice: { extends: 'rehost', audio: { bitrate: 64_000 }, mp4: {} } }).get('voice')
  expect(sound).toMatchObject({
    video: false,
    audio: { bitrate: 64_000, maxTracks: 8, hlsFrom: 600 },
    mp4: { shortSide: 720 },
  })
})

test('`false` switches any part off', () => {
  const off = { video: false, audio: false, images: false, thumbnails: false, poster: false, mp4: false }
  expect(read({ facts: { ...off, storyboard: false, waveform: false } }).get('facts')).toMatchObject(off)
  expect(read({ bare: { images: { web: false } } }).get('bare')?.images).toMatchObject({ web: false })
})

test('a file may stand in for a built-in profile, and what extends that name builds on the file', () => {
  const profiles = read({ small: { extends: 'default' }, default: { extends: 'default', poster: false } })
  expect(profiles.get('default')).toEqual({ ...defaultProfile, poster: false })
  expect(profiles.get('small')).toEqual({ ...defaultProfile, name: 'small', poster: false })
  expect(profiles.get('uhd')).toMatchObject({ poster: true })
})

test('profiles extend each other in any order, but not in a circle', () => {
  expect(read({ a: { extends: 'b' }, b: { extends: 'c', poster: false }, c: {} }).get('a')).toMatchObject({
    name: 'a',
    poster: false,
  })
  expect(faults({ a: { extends: 'b' }, b: { extends: 'a' }, c: { extends: 'a' }, me: { extends: 'me' } })).toEqual([
    'a.extends: goes in a circle: a, b, a',
    'b.extends: goes in a circle: b, a, b',
    'me.extends: is the profile itself',
  ])
  expect(faults({ default: { extends: 'x' }, x: {} })).toEqual([
    'default.extends: goes in a circle: default, x, default',
    'x.extends: goes in a circle: x, default, x',
  ])
})

test('every fault is told at once, each with its path in the file', () => {
  const wrong = {
    Gold: {},
    mobile: {
      extends: 'nothing',
      video: { crf: 99, cfr: 20, ladder: [{ shortSide: 721, maxBitrate: 1e6 }, { shortSide: 360 }] },
      audio: true,
      thumbnails: { fit: 'stretch' },
      colour: 'red',
    },
    tv: {
      audio: { loudness: 'loud' },
      video: {
        segmentSeconds: 3,
        ladder: [
          { shortSide: 720, maxBitrate: 500_000 },
          { shortSide: 360, maxBitrate: 800_000 },
        ],
      },
    },
  }
  expect(faults(wrong)).toEqual([
    'Gold: a profile is named in lower-case letters, digits and dashes',
    'mobile.video.ladder[0].shortSide: Invalid number: must be a multiple of 2',
    expect.stringMatching(/^mobile\.video\.ladder\[1]\.maxBitrate: Invalid input/),
    expect.stringMatching(/^mobile\.video\.crf: Too big/),
    'mobile.video.cfr: there is no such wish',
    'mobile.audio: wants an object or false',
    expect.stringMatching(/^mobile\.thumbnails\.fit: Invalid option/),
    'mobile.colour: there is no such wish',
    'tv.video.ladder: gives a smaller picture more bits than a larger one',
    expect.stringMatching(/^tv\.video\.segmentSeconds: Invalid number/),
    'tv.audio.loudness: wants a number or false',
  ])
})

test('what no encoder makes and no file is asked for is refused, not ignored', () => {
  expect(faults({ best: { video: { crf: 0 } }, many: { audio: { maxTracks: 9 } } })).toEqual([
    expect.stringMatching(/^best\.video\.crf: Too small/),
    expect.stringMatching(/^many\.audio\.maxTracks: Too big/),
  ])
  expect(faults({ best: { video: { crf: 1 } }, many: { audio: { maxTracks: 8 } } })).toEqual([])
})

test('what is no object of profiles is told so, names that every object inherits are unknown', () => {
  for (const file of [[], null, 'x', 7]) expect(faults(file)).toEqual([': wants an object of profiles by name'])
  expect(readProfiles({}).profiles.has('constructor')).toBe(false)
  expect(faults({ a: { extends: 'constructor' } })).toEqual(['a.extends: there is no profile "constructor"'])
  expect(faults(JSON.parse('{"__proto__": {"poster": false}}'))).not.toEqual([])
})

test('whatever stands in a file, it is taken whole and valid, or refused with a path; never half', () => {
  const part = fc.oneof(fc.constant(false), fc.record({ crf: fc.integer({ min: -5, max: 60 }) }), fc.jsonValue())
  const profile = fc.record({ extends: fc.constantFrom('default', 'a', 'b', 'rehost', 'x'), video: part })
  fc.assert(
    fc.property(fc.oneof(fc.dictionary(fc.constantFrom('a', 'b', 'fast'), profile), fc.jsonValue()), (file) => {
      const { profiles, faults } = readProfiles(file)
      if (faults.length > 0) expect([...profiles.keys()]).toEqual(['default', 'fast', 'rehost', 'uhd'])
      for (const [name, made] of profiles) expect(profileSchema.parse(made).name).toBe(name)
    }),
  )
})
