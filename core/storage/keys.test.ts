import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  assetPrefix,
  isSafeKey,
  isSourceKey,
  isStagingKey,
  safeName,
  sourceKey,
  stagingBeside,
  stagingPrefix,
} from './keys.ts'

it.each([
  ['cat video.mp4', 'cat-video.mp4'],
  ['../../etc/passwd', 'passwd'],
  ['C:\\Users\\me\\film.mov', 'film.mov'],
  ['Ümläut.mp4', 'Ümläut.mp4'],
  ['-y.mp4', 'y.mp4'],
  ['.bashrc', 'bashrc'],
  ['a\u0000b\nc.mp4', 'a-b-c.mp4'],
  ['\u202egpj.exe', 'gpj.exe'],
  ['...', 'original'],
  ['', 'original'],
  [undefined, 'original'],
])('%j is kept as %s', (name, kept) => {
  expect(safeName(name)).toBe(kept)
})

it('whatever a stranger calls a file, its key is one that every store takes and that stays in its folder', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (name) => {
      const key = sourceKey({ tenant: 'default', id: '0197' }, name)
      expect(isSafeKey(key)).toBe(true)
      expect(key.split('/')).toHaveLength(4)
      expect(key.startsWith('default/0197/source/')).toBe(true)
    }),
  )
})

it('sources and pieces of uploads are known by their folder, in any case, and a tenant may bear its name', () => {
  const asset = { tenant: 'source', id: '0197' }
  expect(isSourceKey(sourceKey(asset, 'cat.mp4'))).toBe(true)
  expect(isSourceKey('t/0197/SourcE/cat.mp4')).toBe(true)
  expect(isSourceKey(`${assetPrefix(asset)}g1/hls/v/0.m4s`)).toBe(false)
  expect(isStagingKey(`${stagingPrefix(asset)}0`)).toBe(true)
  expect(isStagingKey(`${stagingPrefix(asset)}deep/0`)).toBe(true)
  expect(isStagingKey('t/0197/UPLOAD/0.mp4')).toBe(true)
  expect(isStagingKey(`${assetPrefix({ tenant: 'upload', id: '0197' })}g1/hls/v/0.m4s`)).toBe(false)
})

it('what grows beside a source lies where the pieces of its asset lie', () => {
  const asset = { tenant: 'default', id: '0197' }
  expect(stagingBeside(sourceKey(asset, 'cat.mp4'))).toBe(stagingPrefix(asset))
})
