import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseStrictJson, StrangeJson } from './strict-json.ts'

const parse = (text: string) => parseStrictJson(Buffer.from(text))

describe('strict JSON', () => {
  it('reads whatever JSON.stringify writes, as JSON.parse does', () => {
    const values = fc
      .jsonValue({ maxDepth: 5 })
      .filter((value) => !/\\u0000|\\ud[89a-f]|__proto__/.test(JSON.stringify(value)))
    const check = (indent: number) =>
      fc.property(values, (value) => {
        const text = JSON.stringify(value, null, indent)
        expect(parse(text)).toEqual(JSON.parse(text))
      })
    fc.assert(check(0))
    fc.assert(check(2))
  })

  it.each([
    ['an empty text', ''],
    ['what is no JSON', '{a:1}'],
    ['two values', '{} {}'],
    ['a name twice', '{"a":1,"b":{},"a":2}'],
    ['a name twice, written in two ways', '{"a":1,"\\u0061":2}'],
    ['a name twice, further down', '[{"x":[{"y":1,"y":1}]}]'],
    ['the prototype', '{"a":{"__proto__":{"admin":true}}}'],
    ['the prototype in disguise', '{"\\u005f_proto__":1}'],
    ['the way round to the prototype', '{"constructor":{"prototype":{"admin":true}}}'],
    ['NUL', '{"a":"x\\u0000y"}'],
    ['NUL in a name', '{"\\u0000":1}'],
    ['half a surrogate pair', '["\\ud800"]'],
    ['ten thousand levels', '['.repeat(10_000) + ']'.repeat(10_000)],
    ['a hundred thousand levels', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
    ['a megabyte of names', `{${Array.from({ length: 100_000 }, (_, n) => `"${n}":1`).join(',')}}`],
  ])('refuses %s', (_what, text) => {
    expect(() => parse(text)).toThrow(StrangeJson)
  })

  it('refuses what is no UTF-8', () => {
    for (const bytes of [
      [0x22, 0xff, 0x22],
      [0x22, 0xed, 0xa0, 0x80, 0x22],
      [0x22, 0xc0, 0x80, 0x22],
    ])
      expect(() => parseStrictJson(Buffer.from(bytes))).toThrow('UTF-8')
    expect(() => parseStrictJson(Buffer.from('{"a":1}', 'utf16le'))).toThrow(StrangeJson)
  })

  it('takes a byte order mark, and names that only look dangerous', () => {
    expect(parse('\ufeff{"a":1}')).toEqual({ a: 1 })
    expect(parse('{"constructor":"x","prototype":{},"toString":1}')).toMatchObject({ constructor: 'x' })
    expect(parse('{"a\\\\":"\\\\\\"","b":"{\\"a\\":1,\\"a\\":1}"}')).toEqual({ 'a\\': '\\"', b: '{"a":1,"a":1}' })
  })
})
