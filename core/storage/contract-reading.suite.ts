import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { type Bench, folder, headersFor, toolsOf } from './contract-bench.ts'

/** What is stored can be read in part, listed, copied and deleted. */
export function readingContract(bench: () => Bench): void {
  const { put, read, keysUnder, storage } = toolsOf(bench)

  test('ranges give exactly their bytes, and an end past the last byte means the last byte', async () => {
    const key = `${folder()}/g1/hls/v/0.m4s`
    const bytes = randomBytes(300_000)
    await put(key, bytes)
    expect(await read(key, { start: 0, end: 0 })).toEqual(bytes.subarray(0, 1))
    expect((await read(key, { start: 70_001, end: 200_000 })).equals(bytes.subarray(70_001, 200_001))).toBe(true)
    expect((await read(key, { start: 299_990, end: 999_999 })).equals(bytes.subarray(299_990))).toBe(true)
    await expect(read(key, { start: 300_000, end: 300_001 })).rejects.toMatchObject({ code: 'range_not_satisfiable' })
  })

  test('what is missing is undefined to head and not_found to get and copy', async () => {
    const key = `${folder()}/g1/missing.mp4`
    expect(await storage().head(key)).toBeUndefined()
    await expect(storage().get(key)).rejects.toMatchObject({ code: 'not_found' })
    await expect(storage().copy(key, `${key}.mp4`, headersFor(key))).rejects.toMatchObject({ code: 'not_found' })
  })

  test('an object on a disk of this machine can be read where it lies; of others no path is given', async () => {
    const key = `${folder()}/source/film.mp4`
    await put(key, Buffer.from('film'))
    const file = await storage().pathOf(key)
    expect(file === undefined).toBe(storage().driver !== 'local')
    if (file !== undefined) expect(await readFile(file, 'utf8')).toBe('film')
  })

  test('listing goes through all pages in the byte order of keys', async () => {
    const prefix = folder()
    const names = Array.from({ length: 1030 }, (_, index) => `s/${String((index * 7919) % 1030).padStart(5, '0')}.m4s`)
    const tricky = ['a-b.json', 'a/b.json', 'a.json', 'a/b/c.json', 'ab.json', 'é.json', 'z😀.json', 'z豈.json']
    const keys = [...names, ...tricky].map((name) => `${prefix}/${name}`)
    const waiting = [...keys]
    const lane = async () => {
      for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) await put(key, Buffer.from('x'))
    }
    await Promise.all(Array.from({ length: 16 }, lane))
    const inOrder = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    expect(await keysUnder(prefix)).toEqual(inOrder)
    expect(await storage().deletePrefix(prefix)).toBe(keys.length)
    expect(await keysUnder(prefix)).toEqual([])
  })

  test('a listing tells size and tag as head does', async () => {
    const key = `${folder()}/g1/thumbnails/small.jpg`
    await put(key, Buffer.from('jpeg'))
    const listed = []
    for await (const object of storage().list(key.slice(0, key.lastIndexOf('/')))) listed.push(object)
    const head = await storage().head(key)
    expect(listed).toMatchObject([{ key, bytes: 4, etag: head?.etag, contentType: head?.contentType }])
  })

  test('deleting a prefix never touches a sibling whose name begins alike', async () => {
    const prefix = folder()
    for (const name of ['b/1.json', 'b/c/2.json', 'bc/3.json', 'b.json'])
      await put(`${prefix}/${name}`, Buffer.from('x'))
    expect(await storage().deletePrefix(`${prefix}/b`)).toBe(2)
    expect(await keysUnder(prefix)).toEqual([`${prefix}/b.json`, `${prefix}/bc/3.json`])
    expect(await storage().deletePrefix(`${prefix}/b/`)).toBe(0)
    await expect(storage().deletePrefix('')).rejects.toThrow(/everything/)
  })

  test('deleting twice is no error, and deletes those that are there', async () => {
    const prefix = folder()
    const keys = [`${prefix}/1.json`, `${prefix}/never.json`, `${prefix}/2 &<>'"+.json`]
    await put(keys[0] ?? '', Buffer.from('x'))
    await put(keys[2] ?? '', Buffer.from('x'))
    await storage().delete(keys)
    await storage().delete(keys)
    await storage().delete([])
    expect(await keysUnder(prefix)).toEqual([])
  })

  test('a copy holds the same bytes and outlives its original', async () => {
    const prefix = folder()
    const bytes = randomBytes(50_000)
    await put(`${prefix}/source/a b+ü.png`, bytes)
    const to = `${prefix}/g1/images/original.png`
    expect(await storage().copy(`${prefix}/source/a b+ü.png`, to, headersFor(to))).toBe(bytes.length)
    expect(await storage().copy(`${prefix}/source/a b+ü.png`, to, headersFor(to))).toBe(bytes.length)
    await storage().deletePrefix(`${prefix}/source`)
    expect((await read(to)).equals(bytes)).toBe(true)
    expect(await storage().head(to)).toMatchObject({ contentType: 'image/png', bytes: bytes.length })
    expect(await bench().leftovers()).toEqual([])
  })

  test('the check passes, leaves nothing, and the sweep removes no put that is under way', async () => {
    await storage().check()
    expect(await keysUnder('sluice-check')).toEqual([])
    expect(await storage().sweep({ olderThanMs: 3_600_000 })).toBe(0)
  })
}
