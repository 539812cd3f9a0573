import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SluiceError } from '../../core/errors.ts'
import { uploadWishes } from './metadata.ts'

const pair = (key: string, text: string) => `${key} ${Buffer.from(text).toString('base64')}`
const header = (fields: Record<string, string>) =>
  Object.entries(fields)
    .map(([key, text]) => pair(key, text))
    .join(',')

describe('Upload-Metadata', () => {
  it('says what the asset is to be', () => {
    const text = header({
      filename: 'a/b/film.mp4',
      filetype: 'video/mp4',
      kind: 'video',
      profile: 'fast',
      externalId: 'x-1',
      priority: 'high',
      visibility: 'private',
      'metadata.album': 'Sommer ☀',
      'metadata.n': '3',
    })
    expect(uploadWishes(text)).toEqual({
      filename: 'film.mp4',
      filetype: 'video/mp4',
      kind: 'video',
      profile: 'fast',
      externalId: 'x-1',
      priority: 'high',
      visibility: 'private',
      metadata: { album: 'Sommer ☀', n: '3' },
    })
  })

  it('may say nothing, leave values out, and hold keys of the client’s own', () => {
    expect(uploadWishes(undefined)).toEqual({ filename: undefined })
    expect(
      uploadWishes(`filename,kind ,${header({ name: 'n.mp4', type: 'video/mp4', relativePath: 'null' })}`),
    ).toEqual({
      filename: 'n.mp4',
      filetype: 'video/mp4',
    })
  })

  it('names each field that is wrong', () => {
    const thrown = (() => {
      try {
        uploadWishes(header({ kind: 'pdf', priority: 'now', 'metadata.': 'x' }))
      } catch (error) {
        return error
      }
    })()
    expect(thrown).toBeInstanceOf(SluiceError)
    if (thrown instanceof SluiceError)
      expect(thrown.errors?.map(({ path }) => path).sort()).toEqual(['kind', 'metadata.', 'priority'])
  })

  it('is refused or read, whatever it is', () => {
    const check = (text: string) => {
      try {
        const { metadata } = uploadWishes(text)
        expect(Object.getPrototypeOf(metadata ?? {})).toBe(Object.prototype)
      } catch (error) {
        expect(error).toMatchObject({ code: 'invalid_request' })
      }
    }
    fc.assert(fc.property(fc.string(), check))
    fc.assert(fc.property(fc.dictionary(fc.string(), fc.string()), (fields) => check(header(fields))))
    const key = fc.constantFrom('filename', 'metadata.a', 'metadata.__proto__', 'metadata.constructor', 'externalId')
    fc.assert(fc.property(fc.dictionary(key, fc.string({ unit: 'binary' })), (fields) => check(header(fields))))
  })
})
