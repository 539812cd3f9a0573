import { randomBytes } from 'node:crypto'
import { PassThrough, Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { contentTypeFor } from './content-types.ts'
import { type Bench, folder, headersFor, MiB, oddPieces, sha256, toolsOf } from './contract-bench.ts'
import { type AppendOptions, type Growth, parseGrowth } from './growing.ts'

/** Objects grow by appends, are durable after each, and are seen by nobody until they are sealed. */
export function growingContract(bench: () => Bench): void {
  const { read, keysUnder, nothingStays, storage } = toolsOf(bench)
  const grower = () => storage().growing
  const begin = (key: string) => grower().begin(key, { ...headersFor(key), atMost: 1024 * MiB })
  const newKey = () => `${folder()}/source/film.mp4`
  /** As it comes back from a row. */
  const kept = (growth: Growth) => parseGrowth(JSON.parse(JSON.stringify(growth)))

  /** Appends that go well, in as many requests as there are bodies. */
  async function grow(growth: Growth, bodies: Buffer[], options?: AppendOptions): Promise<Growth> {
    let at = growth
    for (const body of bodies) {
      const grown = await grower().append(at, Readable.from(oddPieces(body)), options)
      expect(grown.failure).toBeUndefined()
      expect(grown.growth.bytes).toBe(at.bytes + body.length)
      at = kept(grown.growth)
    }
    return at
  }

  /** A body that goes on when the test says so. */
  function slowBody() {
    const body = new PassThrough({ highWaterMark: 64 * MiB })
    return { body, send: (bytes: Buffer) => body.write(bytes), end: () => body.end() }
  }

  test.each([
    ['nothing', []],
    ['one byte', [1]],
    ['many small ones', [70_000, 1, 333, 64_000, 5]],
    ['less than a part, then much more', [3 * MiB, 14 * MiB + 7]],
    ['just a part, and just another', [8 * MiB, 8 * MiB]],
    ['parts that are never round', [5 * MiB + 1, 5 * MiB + 2, 5 * MiB + 3]],
  ])('%s: appended in several requests, sealed as one object', async (_what, sizes) => {
    const key = newKey()
    const bodies = sizes.map((size) => randomBytes(size))
    const whole = Buffer.concat(bodies)
    const growth = await grow(await begin(key), bodies)
    expect(await storage().head(key)).toBeUndefined()
    const sealed = await grower().seal(growth)
    expect(sealed).toMatchObject({ key, bytes: whole.length })
    expect(await storage().head(key)).toMatchObject({
      bytes: whole.length,
      etag: sealed.etag,
      contentType: contentTypeFor(key),
    })
    expect(sha256(await read(key))).toBe(sha256(whole))
    expect(await keysUnder(key.slice(0, key.indexOf('/source')))).toEqual([key])
    expect(await bench().leftovers()).toEqual([])
  })

  test.each([0, 70_001, 9 * MiB])('a body that breaks off after %i bytes leaves them all counted', async (size) => {
    const key = newKey()
    const bytes = randomBytes(size + 1000)
    const failure = new Error('the line went dead')
    async function* breaking() {
      yield* oddPieces(bytes.subarray(0, size))
      throw failure
    }
    const broken = await grower().append(await begin(key), Readable.from(breaking()))
    expect(broken.failure).toBe(failure)
    expect(broken.growth.bytes).toBe(size)
    await grower().seal(await grow(kept(broken.growth), [bytes.subarray(size)]))
    expect(sha256(await read(key))).toBe(sha256(bytes))
  })

  test('a body that closes before its end, or was gone from the start, is an interrupted upload', async () => {
    const growth = await begin(newKey())
    const { body, send } = slowBody()
    send(Buffer.from('some'))
    const closing = grower().append(growth, body)
    body.once('data', () => setImmediate(() => body.destroy()))
    const closed = await closing
    expect(closed).toMatchObject({ growth: { bytes: 4 }, failure: { code: 'upload_interrupted' } })
    const gone = await grower().append(kept(closed.growth), body)
    expect(gone).toMatchObject({ growth: { bytes: 4 }, failure: { code: 'upload_interrupted' } })
    await grower().discard(gone.growth)
    await nothingStays(growth.key)
  })

  test('an abort stops in peace: what came is kept, the reason comes out, the body is left to the caller', async () => {
    const key = newKey()
    const controller = new AbortController()
    const { body, send } = slowBody()
    const bytes = randomBytes(100_000)
    send(bytes)
    const appending = grower().append(await begin(key), body, { signal: controller.signal })
    body.once('data', () => setImmediate(() => controller.abort('another wants to write')))
    const { growth, failure } = await appending
    expect(failure).toBe('another wants to write')
    expect(growth.bytes).toBe(bytes.length)
    expect(body.destroyed).toBe(false)
    const early = await grower().append(growth, Readable.from([bytes]), { signal: controller.signal })
    expect(early).toEqual({ growth, failure: 'another wants to write' })
    body.destroy()
    await grower().seal(growth)
    expect((await read(key)).equals(bytes)).toBe(true)
  })

  test.each([1000, 9 * MiB])('of a body of more than %i bytes, no more are taken', async (maxBytes) => {
    const key = newKey()
    const bytes = randomBytes(maxBytes + 1)
    const first = await begin(key)
    const large = await grower().append(first, Readable.from(oddPieces(bytes)), { maxBytes })
    expect(large).toMatchObject({ growth: { bytes: maxBytes }, failure: { code: 'too_large' } })
    // The caller may take the append back, by going on from what it had before.
    const growth = await grow(first, [bytes.subarray(1)], { maxBytes })
    await grower().seal(growth)
    expect(sha256(await read(key))).toBe(sha256(bytes.subarray(1)))
  })

  test.each([1000, 9 * MiB])(
    'an append of %i bytes that is taken back leaves no trace in what is sealed',
    async (size) => {
      const key = newKey()
      const bytes = randomBytes(9 * MiB)
      const growth = await grow(await begin(key), [bytes])
      await grow(growth, [randomBytes(size)])
      await grower().seal(growth)
      expect(sha256(await read(key))).toBe(sha256(bytes))
      expect(await bench().leftovers()).toEqual([])
    },
  )

  test('progress is heard of while the body still flows, and what was heard of is safe', async () => {
    const key = newKey()
    const bytes = randomBytes(9 * MiB)
    const { body, send, end } = slowBody()
    const heard = Promise.withResolvers<Growth>()
    const appending = grower().append(await begin(key), body, { onSafe: (growth) => heard.resolve(kept(growth)) })
    send(bytes)
    const safe = await heard.promise
    expect(safe.bytes).toBeGreaterThan(0)
    end()
    await appending
    // The writer dies before it can say how far it came in the end.
    const growth = await grow(safe, [bytes.subarray(safe.bytes)], { fresh: true })
    await grower().seal(growth)
    expect(sha256(await read(key))).toBe(sha256(bytes))
    expect(await bench().leftovers()).toEqual([])
  })

  test('whoever may not write progress down any more stops, though the body goes on', async () => {
    const growth = await begin(newKey())
    const { body, send } = slowBody()
    const lost = new Error('another has taken over')
    const appending = grower().append(growth, body, { onSafe: () => Promise.reject(lost) })
    send(randomBytes(9 * MiB))
    expect((await appending).failure).toBe(lost)
    body.destroy()
    await grower().discard(growth)
    await nothingStays(growth.key)
  })

  test.each([
    ['few', 100_000],
    ['many', 9 * MiB],
  ])('a writer that wakes up after another took over changes nothing (%s bytes)', async (_what, each) => {
    const key = newKey()
    const bytes = randomBytes(3 * each)
    const start = await grow(await begin(key), [bytes.subarray(0, each)])
    const sleeper = slowBody()
    const sleeping = grower().append(start, sleeper.body)
    sleeper.send(randomBytes(each))
    const growth = await grow(start, [bytes.subarray(each, 2 * each)], { fresh: true })
    sleeper.send(randomBytes(each))
    const sealed = await grower().seal(await grow(growth, [bytes.subarray(2 * each)]))
    const before = sha256(await read(key))
    expect(before).toBe(sha256(bytes))
    sleeper.send(randomBytes(each))
    sleeper.end()
    const woken = await sleeping
    await grower().append(woken.growth, Readable.from([randomBytes(each)]))
    expect(sha256(await read(key))).toBe(before)
    expect((await storage().head(key))?.etag).toBe(sealed.etag)
    await grower().discard(start)
    expect(await bench().leftovers()).toEqual([])
  })

  test.each([1000, 9 * MiB])('sealing %i bytes again, or twice at once, is the same as once', async (size) => {
    const key = newKey()
    const bytes = randomBytes(size)
    const growth = await grow(await begin(key), [bytes])
    const [one, two] = await Promise.all([grower().seal(growth), grower().seal(growth)])
    expect(await grower().seal(growth)).toMatchObject({ key, bytes: size })
    expect([one.bytes, two.bytes]).toEqual([size, size])
    expect(sha256(await read(key))).toBe(sha256(bytes))
    expect(await bench().leftovers()).toEqual([])
  })

  test('discarding takes everything back, as often as one likes, but never what is sealed', async () => {
    const key = newKey()
    const growth = await grow(await begin(key), [randomBytes(9 * MiB)])
    await grower().discard(growth)
    await grower().discard(growth)
    await nothingStays(key)
    expect(await keysUnder(key.slice(0, key.indexOf('/source')))).toEqual([])
    await expect(grower().seal(growth)).rejects.toMatchObject({ code: 'not_found' })
    const again = await grow(await begin(key), [Buffer.from('kept')])
    await grower().seal(again)
    await grower().discard(again)
    expect((await read(key)).toString()).toBe('kept')
  })

  test('the sweep spares what grows as long as somebody counts on it', async () => {
    const key = newKey()
    const bytes = randomBytes(9 * MiB)
    const growth = await grow(await begin(key), [bytes])
    expect(await storage().sweep({ olderThanMs: -60_000, spare: (each) => each === key })).toBe(0)
    await grower().seal(await grow(growth, [bytes]))
    expect((await storage().head(key))?.bytes).toBe(18 * MiB)
    const forgotten = await grow(await begin(newKey()), [bytes])
    expect(await storage().sweep({ olderThanMs: -60_000, spare: (each) => each === key })).toBe(1)
    expect(await bench().leftovers()).toEqual([])
    await grower().discard(forgotten)
  })

  test('a growth that no driver made is refused, whatever is in it', async () => {
    const growth = await begin(newKey())
    for (const wrong of [{}, { key: '../x' }, { id: '../../etc' }, { bytes: -1 }, { driver: 'tape' }]) {
      const forged = JSON.parse(JSON.stringify(Object.keys(wrong).length === 0 ? {} : { ...growth, ...wrong }))
      await expect(grower().seal(forged)).rejects.toMatchObject({ code: 'internal' })
      await expect(grower().discard(forged)).rejects.toMatchObject({ code: 'internal' })
    }
    await expect(begin('a/../b')).rejects.toMatchObject({ code: 'invalid_request' })
    await grower().discard(growth)
  })
}
