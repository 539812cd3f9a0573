import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LocalStorage } from '../../core/storage/local.ts'
import { openLocalStorage } from '../../core/storage/local.ts'
import { fetchSource } from './fetch-source.ts'

let dir: string
let storage: LocalStorage
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'sluice-fetch-'))
  storage = openLocalStorage({
    driver: 'local',
    dir,
    publicUrl: 'http://127.0.0.1:1',
    signingSecret: 'sixteen letters!',
  })
})
afterAll(() => rm(dir, { recursive: true }))

/** Fetches from a stranger's server that lives for this one call. */
async function fetchFrom(listener: RequestListener, options: { maxBytes?: number; guard?: () => void } = {}) {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const progress: number[] = []
  try {
    const source = await fetchSource({
      url: `http://127.0.0.1:${address.port}/clips/cat.mp4?sig=1`,
      key: (filename) => `t/a/source/${filename}`,
      storage,
      allow: ['127.0.0.0/8'],
      limits: { maxBytes: options.maxBytes ?? 10_000_000 },
      bench: {
        signal: new AbortController().signal,
        progress: (fraction) => progress.push(fraction),
        guard: options.guard ?? (() => undefined),
      },
    })
    return { source, progress }
  } finally {
    server.closeAllConnections()
    server.close()
  }
}
const nothingStored = async () =>
  expect((await readdir(dir, { recursive: true })).filter((name) => name !== '.tmp')).toEqual([])

test('a file behind an address is stored whole, hashed, named, and of no type before anybody has looked', async () => {
  const bytes = randomBytes(3_000_000)
  const { source, progress } = await fetchFrom((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain', 'content-length': bytes.length }).end(bytes)
  })
  expect(source).toMatchObject({
    key: 't/a/source/cat.mp4',
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    contentType: 'text/plain',
    filename: 'cat.mp4',
  })
  expect((await buffer(await storage.get(source.key))).equals(bytes)).toBe(true)
  expect((await storage.head(source.key))?.contentType).toBe('application/octet-stream')
  expect(progress.at(-1)).toBe(1)
  await storage.deletePrefix('t/a')
})

test('what ends early, is too large, or is a web page leaves nothing in storage', async () => {
  const early = fetchFrom((_request, response) => {
    response.writeHead(200, { 'content-length': 2_000_000 }).write(randomBytes(1_000_000), () => response.destroy())
  })
  await expect(early).rejects.toMatchObject({ code: 'source_unavailable' })
  const large = fetchFrom((_request, response) => response.end(randomBytes(200_000)), { maxBytes: 100_000 })
  await expect(large).rejects.toMatchObject({ code: 'too_large' })
  const page = fetchFrom((_request, response) => response.end('<!doctype html>'))
  await expect(page).rejects.toMatchObject({ code: 'source_expired' })
  await nothingStored()
})

test('a run that may no longer write stores nothing', async () => {
  const lost = new Error('somebody else has this task')
  const run = fetchFrom((_request, response) => response.end(randomBytes(100_000)), {
    guard: () => {
      throw lost
    },
  })
  await expect(run).rejects.toBe(lost)
  await nothingStored()
})
