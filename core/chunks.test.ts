import { describe, expect, it } from 'vitest'
import { bytesOfChunk, chunkCount, leastChunkBytes, usualChunkBytes } from './chunks.ts'

const MiB = 2 ** 20
const GiB = 2 ** 30

describe('chunks', () => {
  it('are equal but for the last, and come to the whole', () => {
    for (const bytes of [1, 262_143, 262_144, 262_145, 1_000_000, 10 * MiB]) {
      const cut = { bytes, chunkBytes: 262_144 }
      const sizes = Array.from({ length: chunkCount(cut) }, (_, index) => bytesOfChunk(cut, index) ?? 0)
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(bytes)
      expect(sizes.slice(0, -1).every((size) => size === 262_144)).toBe(true)
      expect(sizes.at(-1)).toBeGreaterThan(0)
      expect(bytesOfChunk(cut, sizes.length)).toBeUndefined()
      expect(bytesOfChunk(cut, -1)).toBeUndefined()
    }
  })

  it('grow where there would be too many', () => {
    expect(usualChunkBytes({ bytes: 5 * MiB, strategy: 'chunks' })).toBe(MiB)
    expect(usualChunkBytes({ bytes: 10 * GiB, strategy: 'chunks' })).toBe(MiB)
    expect(usualChunkBytes({ bytes: 500 * GiB, strategy: 'chunks' })).toBe(6 * MiB)
    expect(usualChunkBytes({ bytes: 5 * MiB, strategy: 'direct' })).toBe(8 * MiB)
    expect(usualChunkBytes({ bytes: 500 * GiB, strategy: 'direct' })).toBe(52 * MiB)
    expect(leastChunkBytes({ bytes: 5 * MiB, strategy: 'direct' })).toBe(256 * 1024)
    expect(leastChunkBytes({ bytes: 500 * GiB, strategy: 'direct' })).toBe(Math.ceil((500 * GiB) / 10_000))
  })
})
