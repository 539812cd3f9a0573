import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isSafeKey, safeName, sourceKey } from './keys.ts'

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
