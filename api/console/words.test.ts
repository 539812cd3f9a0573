import { expect, test } from 'vitest'
import { exampleAsset as asset } from './example-asset.ts'
import { clock, elapsed, facts, isShowable, size, span, stateOf } from './words.js'

test('sizes are short, and never jump a unit by rounding', () => {
  expect([0, 999, 1_000, 9_940, 9_960, 999_400, 999_600, 5e9].map(size)).toEqual([
    ...['0 B', '999 B', '1.0 KB', '9.9 KB', '10 KB', '999 KB', '1.0 MB', '5.0 GB'],
  ])
})

test('times read as a player and a stopwatch show them', () => {
  expect([0.4, 7, 754, 3_723].map(clock)).toEqual(['0:00', '0:07', '12:34', '1:02:03'])
  expect([420, 9_949, 9_951, 125_000, 4_320_000].map(span)).toEqual([
    '0.4 s',
    '9.9 s',
    '10 s',
    '2 min 5 s',
    '1 h 12 min',
  ])
  expect([-5, 400, 3_000].map(elapsed)).toEqual(['0 s', '0 s', '3 s'])
})

test('what is not known yet is left out, not shown as zero', () => {
  expect(facts(asset)).toBe('1.2 KB')
  const fetched = { type: 'url', filename: null, bytes: null, receivedBytes: 0, url: 'https://example.com/a.mp4' }
  expect(facts({ ...asset, source: fetched })).toBe('example.com')
  const media = { duration: 12.48, width: 1920, height: 1080 }
  expect(facts({ ...asset, kind: 'video', media })).toBe('Video · 0:12 · 1920 × 1080 · 1.2 KB')
})

test('a state says whether something is fetched, processed or playable already', () => {
  const fetching = { ...asset.source, type: 'url', bytes: null }
  expect(stateOf(asset).word).toBe('Queued')
  expect(stateOf({ ...asset, source: fetching }).word).toBe('Fetching')
  expect(stateOf({ ...asset, status: 'processing', progress: 0.999 }).word).toBe('Processing 99 %')
  expect(stateOf({ ...asset, status: 'processing', playable: true, progress: 0.5 }).word).toBe('Playable 50 %')
})

test('a video can be opened as soon as it plays, and not before', () => {
  const playback = { hls: '/master.m3u8' }
  expect(isShowable({ ...asset, kind: 'video', playback })).toBe(false)
  expect(isShowable({ ...asset, kind: 'video', playback, playable: true })).toBe(true)
  expect(isShowable({ ...asset, kind: 'video', playable: true })).toBe(false)
  expect(isShowable({ ...asset, kind: 'video', playback: { original: '/a.mp4' }, playable: true })).toBe(true)
})
