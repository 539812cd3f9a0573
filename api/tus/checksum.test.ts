import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { checksumOf } from './checksum.ts'

describe('Upload-Checksum', () => {
  it.each([
    ['crc32', 'y/Q5Jg=='],
    ['md5', createHash('md5').update('123456789').digest('base64')],
    ['sha1', createHash('sha1').update('123456789').digest('base64')],
    ['sha256', createHash('sha256').update('123456789').digest('base64')],
  ])('by %s is held against the bytes in whatever pieces they come', (name, digest) => {
    const checksum = checksumOf(`${name} ${digest}`)
    for (const piece of ['1234', '', '56789']) checksum?.update(Buffer.from(piece))
    expect(checksum?.matches()).toBe(true)
    const other = checksumOf(`${name} ${digest}`)
    other?.update(Buffer.from('123456780'))
    expect(other?.matches()).toBe(false)
  })

  it.each(['sha1', 'sha1 AAAA', 'sha512 AAAA', 'constructor AAAA', 'sha1:AAAA', 'sha1  AAAA', ''])(
    'written as "%s" is refused',
    (header) => {
      expect(() => checksumOf(header)).toThrow(/Upload-Checksum/)
    },
  )

  it('need not be there', () => {
    expect(checksumOf(undefined)).toBeUndefined()
  })
})
