import fc from 'fast-check'
import { expect, test } from 'vitest'
import { filenameOf } from './filename.ts'

const url = new URL('https://host.example/media/a%20cat.mp4?x=1')

test.each([
  [undefined, 'a cat.mp4'],
  ['attachment; filename="dog.mp4"', 'dog.mp4'],
  ['attachment; filename=dog.mp4; x=y', 'dog.mp4'],
  [`attachment; filename="${Buffer.from('hünd – 犬.mp4').toString('latin1')}"`, 'hünd – 犬.mp4'],
  ['attachment; filename="h\u00fcnd.mp4"', 'hünd.mp4'],
  ['attachment; filename="a \\"b\\".mp4"', 'a "b".mp4'],
  [`attachment; filename="x.mp4"; filename*=UTF-8''h%C3%BCnd.mp4`, 'hünd.mp4'],
  [`attachment; filename*=UTF-8''%E0%A4%A`, '%E0%A4%A'],
  [`attachment; filename*=utf-8'de'h%C3%BCnd.mp4; filename="x.mp4"`, 'hünd.mp4'],
  [`attachment; filename="a; filename*=UTF-8''b.html"`, "a; filename*=UTF-8''b.html"],
  ['attachment; filename=""', 'a cat.mp4'],
  [`attachment; name="filename=no.mp4"; FileName = dog.mp4`, 'dog.mp4'],
  ['attachment; filename="../../etc/passwd"', 'passwd'],
  ['attachment; filename="C:\\\\x\\\\cat.mp4"', 'cat.mp4'],
  ['attachment; filename="a\u202egpm.exe"', 'agpm.exe'],
  ['inline', 'a cat.mp4'],
])('%j is called %j', (disposition, name) => {
  expect(filenameOf({ disposition, url })).toBe(name)
})

test('an address without a last part has no name', () => {
  expect(filenameOf({ disposition: undefined, url: new URL('https://host.example/') })).toBeUndefined()
})

test('whatever is declared, a name has no separators and no control characters, and is short', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.webUrl(), (text, address) => {
      for (const disposition of [
        text,
        `attachment; filename="${text}"`,
        `attachment; filename*=UTF-8''${encodeURIComponent(text.toWellFormed())}`,
      ]) {
        const name = filenameOf({ disposition, url: new URL(address) }) ?? 'none'
        expect(name).not.toMatch(/[/\\\p{Control}]/u)
        expect(name.length).toBeLessThanOrEqual(255)
        expect([name.isWellFormed(), name.trim()]).toEqual([true, name])
      }
    }),
  )
})
