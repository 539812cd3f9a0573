import { readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { tempFolder } from '../../test/setup/temp-folder.ts'
import { openSourceCache, type SourceCache } from './source-cache.ts'

let dir = ''
let names = 0
let fetched: string[] = []
const signal = new AbortController().signal
beforeEach(async () => {
  dir = await tempFolder()
  fetched = []
})

const cacheOf = (maxBytes = 1_000, deadAfterMs?: number) =>
  openSourceCache({ dir: path.join(dir, 'sources'), maxBytes, ...(deadAfterMs ? { deadAfterMs } : {}) })
const place = () => path.join(dir, `task-${names++}`)

/** Asks for a source of 100 bytes, and gives what came. */
async function ask(cache: SourceCache, key: string, into = place()): Promise<string> {
  const fetch = async (file: string) => {
    fetched.push(key)
    await writeFile(file, key.padEnd(100, '.'))
  }
  await cache.bring({ key, into, bytes: 100, fetch, signal })
  return readFile(into, 'utf8')
}

test('ten tasks in two processes that ask at once cause one fetch, and each has the bytes', async () => {
  const [first, second] = [await cacheOf(), await cacheOf()]
  const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => ask(n % 2 === 0 ? first : second, 'film')))
  expect(new Set(answers)).toEqual(new Set(['film'.padEnd(100, '.')]))
  expect(fetched).toEqual(['film'])
})

test('a task keeps its bytes when the cache lets go of them', async () => {
  const cache = await cacheOf()
  const into = place()
  await ask(cache, 'film', into)
  await cache.forget('film')
  expect(await readFile(into, 'utf8')).toContain('film')
  await ask(cache, 'film')
  expect(fetched).toEqual(['film', 'film'])
})

test('the source that was unused for longest makes room, and no more is kept than allowed', async () => {
  const cache = await cacheOf(250)
  const used = async (key: string, at: number) => {
    const into = place()
    await ask(cache, key, into)
    await utimes(into, at, at)
  }
  await used('a', 1_000)
  await used('b', 2_000)
  await used('a', 3_000)
  await used('c', 4_000)
  expect(await readdir(path.join(dir, 'sources'))).toHaveLength(2)
  await ask(cache, 'a')
  expect(fetched).toEqual(['a', 'b', 'c'])
})

test('a source that is larger than the cache is brought all the same', async () => {
  const cache = await cacheOf(50)
  expect(await ask(cache, 'large')).toContain('large')
})

test('a fetch that fails fails its own task alone: the next asks again', async () => {
  const cache = await cacheOf()
  const broken = cache.bring({
    ...{ key: 'film', into: place(), bytes: 100, signal },
    fetch: async (file) => {
      await writeFile(file, 'half')
      throw new Error('the store hung up')
    },
  })
  await expect(broken).rejects.toThrow('the store hung up')
  expect(await ask(cache, 'film')).toContain('film')
  expect(await readdir(path.join(dir, 'sources'))).toHaveLength(1)
})

test('what a process left that died in the middle of a fetch is cleared away', async () => {
  const cache = await cacheOf(150, 1_000)
  await ask(cache, 'other')
  const [name] = await readdir(path.join(dir, 'sources'))
  await cache.forget('other')
  const long = new Date(Date.now() - 60_000)
  for (const left of [`${name}.lock`, `${name}.dead.part`]) {
    await writeFile(path.join(dir, 'sources', left), 'x'.repeat(100))
    await utimes(path.join(dir, 'sources', left), long, long)
  }
  expect(await ask(cache, 'other')).toContain('other')
  expect(await readdir(path.join(dir, 'sources'))).toEqual([name])
})

test('what nobody has used for long is dropped, and what is in use or just coming is kept', async () => {
  const cache = await cacheOf()
  const into = place()
  await ask(cache, 'old', into)
  await utimes(into, 1_000, 1_000)
  await ask(cache, 'fresh')
  await writeFile(path.join(dir, 'sources', 'a.coming.part'), 'half')
  await cache.dropUnused({ olderThanMs: 60_000 })
  expect(await readdir(path.join(dir, 'sources'))).toHaveLength(2)
  await ask(cache, 'fresh')
  expect(fetched).toEqual(['old', 'fresh'])
  expect(await readFile(into, 'utf8')).toContain('old')
})

test('a process that was taken for dead does not release the lock of the one that took over', async () => {
  const cache = await cacheOf()
  await ask(cache, 'film')
  const [name = ''] = await readdir(path.join(dir, 'sources'))
  await cache.forget('film')
  const lock = path.join(dir, 'sources', `${name}.lock`)
  await cache.bring({
    ...{ key: 'film', into: place(), bytes: 100, signal },
    fetch: async (file) => {
      await writeFile(lock, 'of somebody else')
      await writeFile(file, 'film')
    },
  })
  expect(await readFile(lock, 'utf8')).toBe('of somebody else')
})

test('a task that is told to stop does not wait for a fetch', async () => {
  const cache = await cacheOf()
  const until = Promise.withResolvers<void>()
  const slow = cache.bring({
    ...{ key: 'film', into: place(), bytes: 100, signal },
    fetch: async (file) => {
      await until.promise
      await writeFile(file, 'film')
    },
  })
  const reason = new Error('stop')
  const stopped = cache.bring({
    ...{ key: 'film', into: place(), bytes: 100, signal: AbortSignal.abort(reason) },
    fetch: () => Promise.reject(new Error('nobody should fetch twice')),
  })
  await expect(stopped).rejects.toBe(reason)
  until.resolve()
  await slow
})
