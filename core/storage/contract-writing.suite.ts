import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { type Bench, folder, MiB, oddPieces, sha256, toolsOf } from './contract-bench.ts'

/** What goes in comes back, whole or not at all. */
export function writingContract(bench: () => Bench): void {
  const { put, read, keysUnder, nothingStays, storage } = toolsOf(bench)

  test.each([0, 1, 70_000])('%i bytes come back as they went in', async (size) => {
    const key = `${folder()}/g1/images/original.png`
    const bytes = randomBytes(size)
    const result = await put(key, bytes)
    expect(result).toMatchObject({ key, bytes: size, sha256: sha256(bytes) })
    expect(await storage().head(key)).toMatchObject({ key, bytes: size, etag: result.etag, contentType: 'image/png' })
    expect((await read(key)).equals(bytes)).toBe(true)
  })

  test.each([1, 8, 13, 16])('%i MiB streamed in odd pieces come back as they went in', async (size) => {
    const key = `${folder()}/g1/hls/all.mp4`
    const bytes = randomBytes(size * MiB)
    const result = await put(key, Readable.from(oddPieces(bytes)))
    expect(result).toMatchObject({ bytes: bytes.length, sha256: sha256(bytes) })
    expect(sha256(await read(key))).toBe(sha256(bytes))
    expect((await storage().head(key))?.etag).toBe(result.etag)
  })

  test('an empty stream is an empty object', async () => {
    const key = `${folder()}/g1/empty.json`
    expect((await put(key, Readable.from([]))).bytes).toBe(0)
    expect((await read(key)).length).toBe(0)
  })

  test('a new put of a key replaces it whole, under another tag', async () => {
    const key = `${folder()}/g1/hls/master.m3u8`
    const first = await put(key, Buffer.from('#EXTM3U one'))
    const second = await put(key, Buffer.from('#EXTM3U two'))
    expect(second.etag).not.toBe(first.etag)
    expect((await read(key)).toString()).toBe('#EXTM3U two')
  })

  test.each([100_000, 20 * MiB])(
    'a body that fails after %i bytes leaves nothing, and its own error comes out',
    async (after) => {
      const key = `${folder()}/g1/broken.mp4`
      const failure = new Error('the origin hung up')
      async function* failing() {
        for (let sent = 0; sent < after; sent += 50_000) yield randomBytes(50_000)
        throw failure
      }
      await expect(put(key, Readable.from(failing()))).rejects.toBe(failure)
      await nothingStays(key)
    },
  )

  test('a body that closes before its end leaves nothing', async () => {
    const key = `${folder()}/g1/cut.mp4`
    const body = new Readable({
      read() {
        if (this.readableDidRead) this.destroy()
        else this.push(randomBytes(1000))
      },
    })
    await expect(put(key, body)).rejects.toMatchObject({ code: 'upload_interrupted' })
    await nothingStays(key)
  })

  test.each([1, 12])(
    'an aborted put leaves nothing, stops asking for bytes, and the reason comes out (%i MiB in)',
    async (after) => {
      const key = `${folder()}/g1/aborted.mp4`
      const controller = new AbortController()
      const reason = new Error('cancelled by the owner')
      let sent = 0
      const body = new Readable({
        read() {
          sent += 64 * 1024
          if (sent > after * MiB) controller.abort(reason)
          else this.push(Buffer.alloc(64 * 1024))
        },
      })
      await expect(put(key, body, { signal: controller.signal })).rejects.toBe(reason)
      expect(body.destroyed).toBe(true)
      await nothingStays(key)
      await expect(put(key, Buffer.from('x'), { signal: controller.signal })).rejects.toBe(reason)
    },
  )

  test('a failed put leaves what the key held before', async () => {
    const key = `${folder()}/g1/hls/master.m3u8`
    await put(key, Buffer.from('old'))
    await expect(put(key, Buffer.alloc(100), { maxBytes: 10 })).rejects.toMatchObject({ code: 'too_large' })
    expect((await read(key)).toString()).toBe('old')
  })

  test.each([999, 9 * MiB])(
    'one byte more than maxBytes (%i) is refused as too large and leaves nothing',
    async (maxBytes) => {
      const key = `${folder()}/g1/large.mp4`
      const bytes = Buffer.alloc(maxBytes + 1)
      const body = Readable.from(oddPieces(bytes))
      await expect(put(key, body, { maxBytes })).rejects.toMatchObject({ code: 'too_large', status: 413 })
      expect(body.destroyed).toBe(true)
      await nothingStays(key)
      expect((await put(key, bytes.subarray(1), { maxBytes })).bytes).toBe(maxBytes)
    },
  )

  test('parallel puts of one key leave one of them whole', async () => {
    const key = `${folder()}/g1/hls/master.m3u8`
    const bodies = Array.from({ length: 8 }, (_, index) => Buffer.alloc(100_000 + index, index))
    await Promise.all(bodies.map((body) => put(key, Readable.from(oddPieces(body)))))
    const held = await read(key)
    expect(bodies.some((body) => body.equals(held))).toBe(true)
    expect(await bench().leftovers()).toEqual([])
  })

  test('parallel puts and deletes in one folder never fail each other', async () => {
    const prefix = folder()
    const lane = async (name: number) => {
      for (let round = 0; round < 25; round++) {
        const key = `${prefix}/deep/er/${name}.json`
        await put(key, Buffer.from(key))
        await storage().delete([key])
      }
    }
    await Promise.all([0, 1, 2, 3].map(lane))
    expect(await keysUnder(prefix)).toEqual([])
  })

  test('200 MB stream in and out without piling up in memory', async () => {
    const key = `${folder()}/source/large.mp4`
    const piece = randomBytes(256 * 1024)
    let highest = 0
    const watch = () => {
      const { heapUsed, external } = process.memoryUsage()
      highest = Math.max(highest, heapUsed + external)
    }
    function* pieces() {
      for (let index = 0; index < 800; index++) {
        if (index % 16 === 0) watch()
        yield piece
      }
    }
    globalThis.gc?.()
    const before = process.memoryUsage().heapUsed + process.memoryUsage().external
    expect((await put(key, Readable.from(pieces()))).bytes).toBe(800 * piece.length)
    const hash = createHash('sha256')
    let received = 0
    for await (const chunk of await storage().get(key)) {
      received += chunk.length
      hash.update(chunk)
      watch()
    }
    await storage().delete([key])
    expect(received).toBe(800 * piece.length)
    expect(highest - before).toBeLessThan(110 * MiB)
  })
}
