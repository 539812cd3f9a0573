import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { storageContract } from './contract.suite.ts'
import type { LocalStorage } from './local.ts'
import { openLocalStorage } from './local.ts'
import { diskError } from './local-errors.ts'

const namesIn = (folder: string) => readdir(folder).catch(() => [])
const headers = { contentType: 'application/json', cacheControl: 'no-cache' }

async function openTemp() {
  const dir = await mkdtemp(path.join(tmpdir(), 'sluice-storage-'))
  const settings = { driver: 'local', dir, publicUrl: 'http://127.0.0.1:3000', signingSecret: randomUUID() } as const
  return { dir, storage: openLocalStorage(settings), close: () => rm(dir, { recursive: true }) }
}

storageContract('local', async () => {
  const { dir, storage, close } = await openTemp()
  return {
    storage,
    close,
    leftovers: async () =>
      (await Promise.all(['.tmp', '.growing'].map((name) => namesIn(path.join(dir, name))))).flat(),
    async fetchSigned(url) {
      const { pathname, searchParams } = new URL(url)
      const key = decodeURIComponent(pathname.replace('/media/', ''))
      const query = { exp: searchParams.get('exp') ?? undefined, sig: searchParams.get('sig') ?? undefined }
      if (!storage.signatureHolds(key, query)) return { ok: false, body: Buffer.alloc(0) }
      return { ok: true, body: await buffer(await storage.get(key)) }
    },
  }
})

describe('local storage on its disk', () => {
  let dir: string
  let storage: LocalStorage
  let close: () => Promise<void>
  beforeAll(async () => {
    const opened = await openTemp()
    ;({ dir, storage, close } = opened)
  })
  afterAll(() => close())

  test('deleting the last object of a folder removes the folder, and the root stays', async () => {
    await storage.put('t/prune/g1/hls/0.json', Buffer.from('x'), headers)
    await storage.put('t/kept/1.json', Buffer.from('x'), headers)
    await storage.delete(['t/prune/g1/hls/0.json'])
    expect(await readdir(path.join(dir, 't'))).toEqual(['kept'])
    await storage.delete(['t/kept/1.json'])
    expect(await readdir(dir)).toEqual(['.tmp'])
  })

  test('links are never followed, whether they stand for a file or a folder', async () => {
    const outside = await mkdtemp(path.join(tmpdir(), 'sluice-outside-'))
    await writeFile(path.join(outside, 'secret.json'), 'secret')
    await mkdir(path.join(dir, 'links'), { recursive: true })
    await symlink(outside, path.join(dir, 'links/folder'))
    await symlink(path.join(outside, 'secret.json'), path.join(dir, 'links/file.json'))
    for (const key of ['links/folder/secret.json', 'links/file.json']) {
      expect(await storage.head(key)).toBeUndefined()
      await expect(storage.get(key)).rejects.toMatchObject({ code: 'not_found' })
    }
    await storage.delete(['links/folder/secret.json'])
    await expect(storage.put('links/folder/new/1.json', Buffer.from('x'), headers)).rejects.toMatchObject({
      code: 'storage_unavailable',
    })
    expect(await readdir(outside)).toEqual(['secret.json'])
    for await (const { key } of storage.list('links')) expect.unreachable(key)
    await rm(outside, { recursive: true })
  })

  test('a copy shares the bytes on disk with its original', async () => {
    await storage.put('t/link/source/a.json', Buffer.from('x'), headers)
    await storage.copy('t/link/source/a.json', 't/link/g1/a.json', headers)
    const [one, two] = await Promise.all(['source', 'g1'].map((name) => stat(path.join(dir, 't/link', name, 'a.json'))))
    expect(one?.ino).toBe(two?.ino)
  })

  test('an object held open keeps its bytes while its key is replaced', async () => {
    await storage.put('t/held/master.m3u8', Buffer.from('old playlist'), headers)
    const held = await storage.open('t/held/master.m3u8')
    await storage.put('t/held/master.m3u8', Buffer.from('a new and longer playlist'), headers)
    expect(held?.bytes).toBe(12)
    const body = await held?.read()
    expect(body && (await buffer(body)).toString()).toBe('old playlist')
  })

  test('the sweep removes temp files of dead processes once they are old', async () => {
    const old = path.join(dir, '.tmp/dead')
    await writeFile(old, 'half')
    expect(await storage.sweep({ olderThanMs: 60_000 })).toBe(0)
    await utimes(old, 1, 1)
    expect(await storage.sweep({ olderThanMs: 60_000 })).toBe(1)
    expect(await readdir(path.join(dir, '.tmp'))).toEqual([])
  })

  test('a key that is a folder to other keys is a conflict, not a lost write', async () => {
    await storage.put('t/folder/1.json', Buffer.from('x'), headers)
    await expect(storage.put('t/folder', Buffer.from('x'), headers)).rejects.toMatchObject({ code: 'conflict' })
    await expect(storage.put('t/folder/1.json/2.json', Buffer.from('x'), headers)).rejects.toMatchObject({
      code: 'conflict',
    })
  })

  test.each([
    ['ENOSPC', 'no_space'],
    ['EDQUOT', 'no_space'],
    ['EIO', 'storage_unavailable'],
    ['EROFS', 'storage_unavailable'],
    ['EACCES', 'storage_unavailable'],
    ['EMFILE', 'storage_unavailable'],
  ])('%s becomes %s', (errno, code) => {
    expect(diskError(Object.assign(new Error(errno), { code: errno }), 'k').code).toBe(code)
  })
})
