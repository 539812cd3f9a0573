import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { type Bench, folder, headersFor, MiB, sha256, toolsOf } from './contract-bench.ts'

/** Several objects become one. */
export function joiningContract(bench: () => Bench): void {
  const { put, read, nothingStays, storage } = toolsOf(bench)

  test('objects are joined in the order in which they are named, and stay', async () => {
    const prefix = folder()
    const pieces = [1, 0, 5 * MiB, 4 * MiB + 3].map((size) => randomBytes(size))
    const keys = pieces.map((_, index) => `${prefix}/upload/${9 - index}`)
    await Promise.all(pieces.map((piece, index) => put(keys[index] ?? '', piece)))
    const to = `${prefix}/source/film.mp4`
    const joined = await storage().join(keys, to, headersFor(to))
    const whole = Buffer.concat(pieces)
    expect(joined).toMatchObject({ key: to, bytes: whole.length, sha256: sha256(whole) })
    expect(sha256(await read(to))).toBe(sha256(whole))
    expect((await read(keys[3] ?? '')).length).toBe(4 * MiB + 3)
    expect((await storage().join([], `${to}.none.mp4`, headersFor(to))).bytes).toBe(0)
  })

  test('a missing piece, or too many bytes, leaves nothing', async () => {
    const prefix = folder()
    const to = `${prefix}/source/film.mp4`
    await put(`${prefix}/upload/0`, randomBytes(1000))
    const keys = [`${prefix}/upload/0`, `${prefix}/upload/1`]
    await expect(storage().join(keys, to, headersFor(to))).rejects.toMatchObject({ code: 'not_found' })
    await nothingStays(to)
    const small = { ...headersFor(to), maxBytes: 999 }
    await expect(storage().join(keys.slice(0, 1), to, small)).rejects.toMatchObject({ code: 'too_large' })
    await nothingStays(to)
  })
}
