import { randomBytes } from 'node:crypto'
import { open, readdir, stat, truncate, utimes } from 'node:fs/promises'
import path from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { afterEach, beforeAll, expect, test, vi } from 'vitest'
import { tempFolder } from '../../test/setup/temp-folder.ts'
import { sha256 } from './contract-bench.ts'
import type { Growth } from './growing.ts'
import { openLocalStorage } from './local.ts'
import type { Storage } from './storage.ts'

const headers = { contentType: 'video/mp4', cacheControl: 'private, no-store' }
const later = { code: 'storage_unavailable' }
const from = (bytes: Buffer) => Readable.from([bytes])
let dir: string
let storage: Storage
beforeAll(async () => {
  dir = await tempFolder()
  storage = openLocalStorage({ driver: 'local', dir, publicUrl: 'http://127.0.0.1', signingSecret: 'x' })
})
afterEach(() => {
  vi.restoreAllMocks()
})

const begin = () => storage.growing.begin(`t/${randomBytes(8).toString('hex')}/source/film.mp4`, headers)
const append = async (growth: Growth, bytes: Buffer) => (await storage.growing.append(growth, from(bytes))).growth
const folderOf = (growth: Growth) => path.join(dir, '.growing', growth.id)
const fileOf = (growth: Growth) =>
  path.join(folderOf(growth), growth.driver === 'local' ? (growth.files.at(-1)?.name ?? '') : '')

/** Every file handle of this process, so that the disk can be made to fail. */
async function handles() {
  const handle = await open(import.meta.filename)
  await handle.close()
  return Object.getPrototypeOf(handle) as typeof handle
}

test('however a body is cut into appends, and whatever writers die on the way, the sealed bytes are the source', async () => {
  const step = fc.record({
    bytes: fc.nat(3000),
    ends: fc.constantFrom('well', 'breaks off', 'is forgotten', 'is killed'),
    fresh: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 12_000 }), fc.array(step, { maxLength: 12 }), async (source, steps) => {
      let row = await begin()
      let clean = true
      for (const { bytes, ends, fresh } of [...steps, { bytes: Infinity, ends: 'well', fresh: false }]) {
        const part = source.subarray(row.bytes, row.bytes + bytes)
        async function* body() {
          yield part
          if (ends === 'breaks off') throw new Error('cut')
        }
        const options = { fresh: fresh || !clean }
        const { growth, failure } = await storage.growing.append(row, Readable.from(body()), options)
        expect(failure).toEqual(ends === 'breaks off' ? new Error('cut') : undefined)
        clean = ends !== 'is killed'
        if (ends === 'well' || ends === 'breaks off') row = JSON.parse(JSON.stringify(growth))
      }
      await storage.growing.seal(row, { fresh: !clean })
      expect((await buffer(await storage.get(row.key))).equals(source)).toBe(true)
    }),
    { numRuns: 60 },
  )
  expect(await readdir(path.join(dir, '.growing'))).toEqual([])
})

test('one file that was closed becomes the object itself, which nobody may write to', async () => {
  const growth = await append(await append(await begin(), Buffer.from('one')), Buffer.from('two'))
  const { ino } = await stat(fileOf(growth))
  await storage.growing.seal(growth)
  const sealed = await stat(path.join(dir, growth.key))
  expect(sealed.ino).toBe(ino)
  expect(sealed.mode & 0o777).toBe(0o400)
})

test('a file that a lost writer may still hold open never becomes the object', async () => {
  const bytes = randomBytes(5000)
  const growth = await append(await begin(), bytes)
  const lost = await open(fileOf(growth), 'r+')
  const taken = await storage.growing.append(growth, from(Buffer.from('more')), { fresh: true })
  const sealed = [await storage.growing.seal(taken.growth)]
  const alone = await append(await begin(), bytes)
  const lostToo = await open(fileOf(alone), 'r+')
  sealed.push(await storage.growing.seal(alone, { fresh: true }))
  for (const handle of [lost, lostToo]) {
    await handle.write(randomBytes(5000), 0, 5000, 0)
    await handle.close()
  }
  const held = await Promise.all(sealed.map(async ({ key }) => buffer(await storage.get(key))))
  expect(held.map(sha256)).toEqual([sha256(Buffer.concat([bytes, Buffer.from('more')])), sha256(bytes)])
  for (const { key } of sealed) expect((await stat(path.join(dir, key))).mode & 0o777).toBe(0o400)
})

test('a seal that died after its move, or before it, is simply done again', async () => {
  const { chmod, mkdir, rename } = await import('node:fs/promises')
  const moved = await append(await begin(), Buffer.from('moved'))
  await mkdir(path.dirname(path.join(dir, moved.key)), { recursive: true })
  await rename(fileOf(moved), path.join(dir, moved.key))
  expect(await storage.growing.seal(moved)).toMatchObject({ bytes: 5 })
  const marked = await append(await begin(), Buffer.from('marked'))
  await chmod(fileOf(marked), 0o400)
  expect(await storage.growing.seal(marked)).toMatchObject({ bytes: 6 })
  expect(await readdir(path.join(dir, '.growing'))).toEqual([])
})

test('the disk is asked for the bytes while they come, and what it says then is not forgotten at the end', async () => {
  const body = new PassThrough()
  const growth = await begin()
  const sync = vi.spyOn(await handles(), 'datasync').mockRejectedValueOnce(new Error('EIO'))
  const appending = storage.growing.append(growth, body)
  for (let sent = 0; sent < 9; sent++) body.write(randomBytes(1024 * 1024))
  await vi.waitFor(() => expect(sync).toHaveBeenCalled(), 30_000)
  body.end()
  expect(await appending).toMatchObject({ growth: { bytes: 0 }, failure: later })
  await storage.growing.discard(growth)
})

test('nothing counts, and nobody hears of it, before the disk has it', async () => {
  const growth = await begin()
  const disk = Promise.withResolvers<void>()
  const sync = vi.spyOn(await handles(), 'datasync').mockImplementation(() => disk.promise)
  const onSafe = vi.fn()
  const ended = vi.fn()
  const appending = storage.growing.append(growth, from(Buffer.from('bytes')), { onSafe }).finally(ended)
  await vi.waitFor(() => expect(sync).toHaveBeenCalled())
  expect([onSafe.mock.calls, ended.mock.calls]).toEqual([[], []])
  disk.resolve()
  expect((await appending).growth.bytes).toBe(5)
  await storage.growing.discard(growth)
})

test('what the disk said it lost does not count, though it says yes when asked again', async () => {
  const growth = await append(await begin(), Buffer.from('kept'))
  vi.spyOn(await handles(), 'datasync').mockRejectedValueOnce(Object.assign(new Error('EIO'), { code: 'EIO' }))
  const body = new PassThrough()
  body.write('lost')
  const onSafe = vi.fn()
  const broken = await storage.growing.append(growth, body, { onSafe })
  expect(broken).toMatchObject({ growth: { bytes: 4 }, failure: later })
  expect(onSafe).not.toHaveBeenCalled()
  body.destroy()
  await storage.growing.seal(await append(broken.growth, Buffer.from(' and more')))
  expect(String(await buffer(await storage.get(growth.key)))).toBe('kept and more')
})

test('a full disk keeps what it took, and the rest may come when there is room', async () => {
  const growth = await begin()
  const bytes = randomBytes(3_000_000)
  const proto = await handles()
  const { write } = proto
  let room = 1_500_000
  const full = vi.spyOn(proto, 'write').mockImplementation(async function (this: typeof proto, ...args: unknown[]) {
    if (room === 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
    const length = Math.min(Number(args[2]), room)
    room -= length
    return Reflect.apply(write, this, [args[0], args[1], length, args[3]])
  })
  const broken = await storage.growing.append(growth, from(bytes))
  expect(broken).toMatchObject({ growth: { bytes: 1_500_000 }, failure: { code: 'no_space', status: 507 } })
  full.mockRestore()
  await storage.growing.seal(await append(broken.growth, bytes.subarray(1_500_000)))
  expect(sha256(await buffer(await storage.get(growth.key)))).toBe(sha256(bytes))
})

test('bytes that counted and are gone are never papered over', async () => {
  const growth = await append(await begin(), Buffer.from('counted'))
  await truncate(fileOf(growth), 3)
  expect((await storage.growing.append(growth, from(Buffer.from('x')))).failure).toMatchObject(later)
  await expect(storage.growing.seal(growth)).rejects.toMatchObject(later)
  await expect(storage.growing.seal(growth, { fresh: true })).rejects.toMatchObject(later)
  expect(await storage.head(growth.key)).toBeUndefined()
  await storage.growing.discard(growth)
  expect((await storage.growing.append(growth, from(Buffer.from('x')))).failure).toMatchObject({ code: 'not_found' })
})

test('no key leads to what grows, and the sweep leaves it until it is as old as it was last written to', async () => {
  const growth = await append(await begin(), Buffer.from('growing'))
  await expect(storage.head(path.relative(dir, fileOf(growth)))).rejects.toMatchObject({ code: 'invalid_request' })
  for await (const { key } of storage.list('')) expect(key).not.toContain('growing')
  const entries = (await readdir(folderOf(growth))).map((name) => path.join(folderOf(growth), name))
  for (const file of [folderOf(growth), ...entries]) await utimes(file, 1, 1)
  await utimes(fileOf(growth), new Date(), new Date())
  expect(await storage.sweep({ olderThanMs: 60_000 })).toBe(0)
  await utimes(fileOf(growth), 1, 1)
  expect(await storage.sweep({ olderThanMs: 60_000, spare: async (key) => key === growth.key })).toBe(0)
  expect(await storage.sweep({ olderThanMs: 60_000 })).toBe(1)
  expect(await readdir(path.join(dir, '.growing'))).toEqual([])
})
