import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cacheControlFor, contentTypeFor } from './content-types.ts'
import { isSafeKey } from './keys.ts'
import type { Storage } from './storage.ts'

/** One driver under test, and what only its own test file can know of it. */
export type Bench = {
  storage: Storage
  /** Fetches a signed address as a stranger would. */
  fetchSigned(url: string): Promise<{ ok: boolean; body: Buffer }>
  /** What unfinished puts left behind: temp files, open multipart uploads. */
  leftovers(): Promise<string[]>
  close(): Promise<void>
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
const headersFor = (key: string) => ({ contentType: contentTypeFor(key), cacheControl: cacheControlFor(key) })
const MiB = 1024 * 1024

async function* oddPieces(bytes: Buffer) {
  for (let at = 0, size = 1; at < bytes.length; at += size, size = (size * 3 + 7) % 300_001) {
    yield bytes.subarray(at, at + size)
  }
}

/** Every sentence that both drivers keep. */
export function storageContract(name: string, open: () => Promise<Bench>): void {
  describe(`${name} storage`, () => {
    let bench: Bench
    let storage: Storage
    beforeAll(async () => {
      bench = await open()
      storage = bench.storage
    })
    afterAll(() => bench.close())

    const folder = () => `t/${randomUUID()}`
    const put = (key: string, body: Readable | Buffer, options: { maxBytes?: number; signal?: AbortSignal } = {}) =>
      storage.put(key, body, { ...headersFor(key), ...options })
    const read = async (key: string, range?: { start: number; end: number }) =>
      buffer(await storage.get(key, range ? { range } : {}))
    const keysUnder = async (prefix: string) => {
      const keys: string[] = []
      for await (const { key } of storage.list(prefix)) keys.push(key)
      return keys
    }
    const nothingStays = async (key: string) => {
      expect(await storage.head(key)).toBeUndefined()
      expect(await bench.leftovers()).toEqual([])
    }

    test.each([0, 1, 70_000])('%i bytes come back as they went in', async (size) => {
      const key = `${folder()}/g1/images/original.png`
      const bytes = randomBytes(size)
      const result = await put(key, bytes)
      expect(result).toMatchObject({ key, bytes: size, sha256: sha256(bytes) })
      expect(await storage.head(key)).toMatchObject({ key, bytes: size, etag: result.etag, contentType: 'image/png' })
      expect((await read(key)).equals(bytes)).toBe(true)
    })

    test.each([1, 8, 13, 16])('%i MiB streamed in odd pieces come back as they went in', async (size) => {
      const key = `${folder()}/g1/hls/all.mp4`
      const bytes = randomBytes(size * MiB)
      const result = await put(key, Readable.from(oddPieces(bytes)))
      expect(result).toMatchObject({ bytes: bytes.length, sha256: sha256(bytes) })
      expect(sha256(await read(key))).toBe(sha256(bytes))
      expect((await storage.head(key))?.etag).toBe(result.etag)
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

    test('ranges give exactly their bytes, and an end past the last byte means the last byte', async () => {
      const key = `${folder()}/g1/hls/v/0.m4s`
      const bytes = randomBytes(300_000)
      await put(key, bytes)
      expect(await read(key, { start: 0, end: 0 })).toEqual(bytes.subarray(0, 1))
      expect((await read(key, { start: 70_001, end: 200_000 })).equals(bytes.subarray(70_001, 200_001))).toBe(true)
      expect((await read(key, { start: 299_990, end: 999_999 })).equals(bytes.subarray(299_990))).toBe(true)
      await expect(read(key, { start: 300_000, end: 300_001 })).rejects.toMatchObject({ code: 'range_not_satisfiable' })
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

    test('what is missing is undefined to head and not_found to get and copy', async () => {
      const key = `${folder()}/g1/missing.mp4`
      expect(await storage.head(key)).toBeUndefined()
      await expect(storage.get(key)).rejects.toMatchObject({ code: 'not_found' })
      await expect(storage.copy(key, `${key}.mp4`, headersFor(key))).rejects.toMatchObject({ code: 'not_found' })
    })

    test('listing goes through all pages in the byte order of keys', async () => {
      const prefix = folder()
      const names = Array.from(
        { length: 1030 },
        (_, index) => `s/${String((index * 7919) % 1030).padStart(5, '0')}.m4s`,
      )
      const tricky = ['a-b.json', 'a/b.json', 'a.json', 'a/b/c.json', 'ab.json', 'é.json', 'z😀.json', 'z豈.json']
      const keys = [...names, ...tricky].map((name) => `${prefix}/${name}`)
      const waiting = [...keys]
      const lane = async () => {
        for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) await put(key, Buffer.from('x'))
      }
      await Promise.all(Array.from({ length: 16 }, lane))
      const inOrder = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      expect(await keysUnder(prefix)).toEqual(inOrder)
      expect(await storage.deletePrefix(prefix)).toBe(keys.length)
      expect(await keysUnder(prefix)).toEqual([])
    })

    test('a listing tells size and tag as head does', async () => {
      const key = `${folder()}/g1/thumbnails/small.jpg`
      await put(key, Buffer.from('jpeg'))
      const listed = []
      for await (const object of storage.list(key.slice(0, key.lastIndexOf('/')))) listed.push(object)
      const head = await storage.head(key)
      expect(listed).toMatchObject([{ key, bytes: 4, etag: head?.etag, contentType: head?.contentType }])
    })

    test('deleting a prefix never touches a sibling whose name begins alike', async () => {
      const prefix = folder()
      for (const name of ['b/1.json', 'b/c/2.json', 'bc/3.json', 'b.json'])
        await put(`${prefix}/${name}`, Buffer.from('x'))
      expect(await storage.deletePrefix(`${prefix}/b`)).toBe(2)
      expect(await keysUnder(prefix)).toEqual([`${prefix}/b.json`, `${prefix}/bc/3.json`])
      expect(await storage.deletePrefix(`${prefix}/b/`)).toBe(0)
      await expect(storage.deletePrefix('')).rejects.toThrow(/everything/)
    })

    test('deleting twice is no error, and deletes those that are there', async () => {
      const prefix = folder()
      const keys = [`${prefix}/1.json`, `${prefix}/never.json`, `${prefix}/2 &<>'"+.json`]
      await put(keys[0] ?? '', Buffer.from('x'))
      await put(keys[2] ?? '', Buffer.from('x'))
      await storage.delete(keys)
      await storage.delete(keys)
      await storage.delete([])
      expect(await keysUnder(prefix)).toEqual([])
    })

    test('a copy holds the same bytes and outlives its original', async () => {
      const prefix = folder()
      const bytes = randomBytes(50_000)
      await put(`${prefix}/source/a b+ü.png`, bytes)
      const to = `${prefix}/g1/images/original.png`
      expect(await storage.copy(`${prefix}/source/a b+ü.png`, to, headersFor(to))).toBe(bytes.length)
      expect(await storage.copy(`${prefix}/source/a b+ü.png`, to, headersFor(to))).toBe(bytes.length)
      await storage.deletePrefix(`${prefix}/source`)
      expect((await read(to)).equals(bytes)).toBe(true)
      expect(await storage.head(to)).toMatchObject({ contentType: 'image/png', bytes: bytes.length })
      expect(await bench.leftovers()).toEqual([])
    })

    test('a signed address serves the bytes; tampered with, or over, it does not', async () => {
      const key = `${folder()}/source/my film ü+&%.mp4`
      await put(key, Buffer.from('private bytes'))
      const url = await storage.signedUrl(key, { expiresInSeconds: 60 })
      expect(await bench.fetchSigned(url)).toEqual({ ok: true, body: Buffer.from('private bytes') })
      const other = key.replace('film', 'song')
      await put(other, Buffer.from('another'))
      expect((await bench.fetchSigned(url.replace('film', 'song'))).ok).toBe(false)
      const [, parameter = ''] = /([Ss]ig(?:nature)?=[^&]{8})/.exec(url) ?? []
      const flipped = parameter.slice(0, -1) + (parameter.endsWith('0') ? '1' : '0')
      expect((await bench.fetchSigned(url.replace(parameter, flipped))).ok).toBe(false)
      const short = await storage.signedUrl(key, { expiresInSeconds: 1 })
      await expect.poll(async () => (await bench.fetchSigned(short)).ok, { timeout: 10_000, interval: 200 }).toBe(false)
    })

    test('a public address names the key with every segment encoded', () => {
      expect(storage.publicUrl('t/a/g1/hls/x y+ü#?.m4s')).toMatch(/\/t\/a\/g1\/hls\/x%20y%2B%C3%BC%23%3F\.m4s$/)
    })

    test('parallel puts of one key leave one of them whole', async () => {
      const key = `${folder()}/g1/hls/master.m3u8`
      const bodies = Array.from({ length: 8 }, (_, index) => Buffer.alloc(100_000 + index, index))
      await Promise.all(bodies.map((body) => put(key, Readable.from(oddPieces(body)))))
      const held = await read(key)
      expect(bodies.some((body) => body.equals(held))).toBe(true)
      expect(await bench.leftovers()).toEqual([])
    })

    test('parallel puts and deletes in one folder never fail each other', async () => {
      const prefix = folder()
      const rounds = Array.from({ length: 20 }, (_, index) => `${prefix}/deep/${index}.json`)
      await Promise.all(rounds.map((key) => put(key, Buffer.from(key)).then(() => storage.delete([key]))))
      expect(await keysUnder(prefix)).toEqual([])
    })

    test.each([
      '',
      '/',
      '/etc/passwd',
      '../x.mp4',
      'a/../../x.mp4',
      'a/./b',
      'a//b',
      'a/',
      '.tmp/x',
      'a/.hidden',
      'a\\..\\b',
      'a\0b',
      'a\nb',
      `${'x'.repeat(256)}.mp4`,
      `${'long/'.repeat(300)}x`,
      '\ud800.mp4',
    ])('the key %j is refused by every call', async (key) => {
      const refused = expect.objectContaining({ code: 'invalid_request' })
      await expect(storage.head(key)).rejects.toEqual(refused)
      await expect(storage.get(key)).rejects.toEqual(refused)
      await expect(put(key, Buffer.from('x'))).rejects.toEqual(refused)
      await expect(storage.delete([key])).rejects.toEqual(refused)
      await expect(storage.signedUrl(key, { expiresInSeconds: 1 })).rejects.toEqual(refused)
      await expect(storage.copy(key, 'a/b', headersFor('b'))).rejects.toEqual(refused)
    })

    test('whatever a key is made of, it is refused, or holds the bytes under exactly this name', async () => {
      const prefix = folder()
      const piece = fc.oneof(
        fc.constantFrom('..', '.', '', '%2e%2e', '~', '\\', 'a b', 'ü', '*', '?x=1'),
        fc.string({ maxLength: 12, unit: 'binary' }),
      )
      await fc.assert(
        fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 4 }), async (pieces) => {
          const key = `${prefix}/${pieces.join('/')}`
          const body = Buffer.from(key)
          if (!isSafeKey(key))
            return void (await expect(put(key, body)).rejects.toMatchObject({ code: 'invalid_request' }))
          await put(key, body)
          expect(await keysUnder(prefix)).toEqual([key])
          expect((await read(key)).equals(body)).toBe(true)
          await storage.delete([key])
        }),
        { numRuns: 40 },
      )
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
      for await (const chunk of await storage.get(key)) {
        received += chunk.length
        hash.update(chunk)
        watch()
      }
      await storage.delete([key])
      expect(received).toBe(800 * piece.length)
      expect(highest - before).toBeLessThan(110 * MiB)
    })

    test('the check passes, leaves nothing, and the sweep removes no put that is under way', async () => {
      await storage.check()
      expect(await keysUnder('sluice-check')).toEqual([])
      expect(await storage.sweep({ olderThanMs: 3_600_000 })).toBe(0)
    })
  })
}
