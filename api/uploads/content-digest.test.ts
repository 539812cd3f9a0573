import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { contentDigest } from './content-digest.ts'

const digest = (algorithm: string) => createHash(algorithm).update('abc')
const sha256 = digest('sha256').digest('base64')
const sha512 = digest('sha512').digest('base64')

describe('Content-Digest', () => {
  it('says sha-256, sha-512, or both', () => {
    expect(contentDigest(undefined)).toEqual({})
    expect(contentDigest(`sha-256=:${sha256}:`)).toEqual({ sha256: digest('sha256').digest('hex') })
    expect(contentDigest(`sha-512=:${sha512}:, sha-256=:${sha256}:;a=1`)).toEqual({
      sha256: digest('sha256').digest('hex'),
      sha512: digest('sha512').digest('hex'),
    })
  })

  it('of an algorithm that is not known is passed over', () => {
    expect(contentDigest('md5=:kAFQmDzST7DWlj99KOF/cg==:')).toEqual({})
    expect(contentDigest(`unixsum=:AAA=:, sha-256=:${sha256}:`)).toEqual({ sha256: digest('sha256').digest('hex') })
  })

  it.each([
    `sha-256=${sha256}`,
    `sha-256=:${sha512}:`,
    'sha-256=::',
    `SHA-256=:${sha256}:`,
    `sha-256=:${sha256.slice(2)}:`,
    'sha-256',
    'constructor=:AAAA',
  ])('written as %s is refused', (header) => {
    expect(() => contentDigest(header)).toThrow(/Content-Digest/)
  })

  it('named like something that every object has is only another unknown algorithm', () => {
    expect(contentDigest('constructor=:AAAA:')).toEqual({})
  })
})
