import { expect, it } from 'vitest'
import { isAcceptedType } from './accepted-types.ts'

it.each([
  [['video/*'], 'video/matroska', 'video', true],
  [['video/x-matroska'], 'video/matroska', 'video', true],
  [['audio/x-m4a'], 'audio/mp4', 'audio', true],
  [['image/jpg'], 'image/jpeg', 'image', true],
  [['IMAGE/PNG'.toLowerCase()], 'image/png; q=1', 'image', true],
  [['video/*'], 'application/ogg', 'video', true],
  [['video/*'], 'audio/mp4', 'audio', false],
  [['video/*'], 'image/jpeg', 'image', false],
  [['video/mp4'], 'video/webm', 'video', false],
  [['image/png', 'audio/*'], 'audio/flac', 'audio', true],
  [['constructor/*'], 'video/mp4', 'video', false],
  [[], 'video/mp4', 'video', false],
] as const)('of %j, %s (a %s) is accepted: %s', (accept, mime, kind, expected) => {
  expect(isAcceptedType(accept, { mime, kind })).toBe(expected)
})
