import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildApp } from '../api/app.ts'
import { createLogger } from '../core/logger.ts'
import { naughtyNames } from '../fixtures/naughty.ts'
import { atEnd } from './setup/at-end.ts'
import { type TestHouse, testHouse } from './setup/house.ts'
import { type Outcome, type Way, waysIn } from './setup/naughty-ways.ts'

const lines: string[] = []
let house: TestHouse
let app: Awaited<ReturnType<typeof buildApp>>
let ways: Way[] = []

beforeAll(async () => {
  const made = await testHouse({ env: { RATE_LIMIT: 'off' } })
  const log = createLogger({ level: 'trace', name: 'test' }, { write: (line) => lines.push(line) })
  // What comes in is looked at, and not worked on.
  house = { ...made, log, push: { ...made.push, push: () => undefined } }
  app = await buildApp(house)
  atEnd(() => app.close())
  ways = waysIn({ house, app })
})

const names = [
  'a form: the name of its file, with metadata that says the same',
  'metadata in a form that cannot be kept',
  'a value of metadata',
  'a name in metadata',
  'an external id',
  'the last part of an address',
  'the name that an origin gives',
  'the name that an origin gives in letters of its own',
  'a job of the queue',
  'tus: the name of a file, with metadata that says the same',
  'an upload in chunks',
]

it('there are many of them, and each way in is tried', () => {
  expect(naughtyNames.length).toBeGreaterThanOrEqual(500)
  expect(ways.map(({ name }) => name)).toEqual(names)
})

/** What no name that is shown may hold. */
const unfit = /[/\\\p{Control}\p{Format}]/u

function checkName(sent: string, kept: string | null): void {
  if (kept === null) {
    const left = sent.replace(/[\s\p{Control}\p{Format}]/gu, '').split(/[/\\]/)
    expect(['', '.', '..']).toContain(left.at(-1))
    return
  }
  expect([kept.isWellFormed(), unfit.test(kept), kept === kept.trim()]).toEqual([true, false, true])
  expect(kept.length).toBeLessThanOrEqual(255)
  const plain = sent.isWellFormed() && !unfit.test(sent) && sent === sent.trim() && sent.length <= 255
  if (plain) expect(kept).toBe(sent)
}

const row = (id: string) =>
  house.db
    .selectFrom('assets')
    .select(['id', 'source_key', 'source_filename', 'metadata', 'external_id'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow()

const safeKey = /^default\/[0-9a-f-]{36}\/source\/[\p{L}\p{N}][\p{L}\p{N}._-]*$/u
const usual =
  /^(HTTP|x-request-id|content-|location|asset-id|cache-control|date|connection|vary|ratelimit|x-|strict-|referrer-|cross-origin-|origin-agent|access-control-|tus-|upload-)/i

async function check(way: Way, text: string, outcome: Outcome): Promise<void> {
  if (outcome.answer) {
    const { headers } = outcome.answer
    expect(Object.keys(headers).filter((name) => !usual.test(name))).toEqual([])
    if (outcome.answer.body !== '') expect(headers['content-type']).toMatch(/^application\/(problem\+)?json/)
    if (headers.location) expect(headers.location).toMatch(/^\/v1\/(assets|uploads|tus)\/[0-9a-f-]{36}$/)
  }
  if (outcome.status >= 300) {
    expect(outcome.status).toBeLessThan(500)
    expect(outcome.code).toMatch(/^(invalid_request|malformed_request|source_\w+)$/)
    return expect(way.takes(text)).not.toBe(true)
  }
  expect(way.takes(text)).not.toBe(false)
  if (outcome.id === undefined) {
    expect(outcome.key).toMatch(safeKey)
    return checkName(text, outcome.kept ?? null)
  }
  const kept = await row(outcome.id)
  if (kept.source_key !== null) expect(kept.source_key).toMatch(safeKey)
  const { title } = kept.metadata
  if (title !== undefined) expect(title).toBe(text)
  if (way.lies === 'name') return checkName(way.written?.(text) ?? text, kept.source_filename)
  if (way.lies === 'title') return expect(title).toBe(text)
  if (way.lies === 'label') return expect(Object.entries(kept.metadata)).toEqual([[text, 'label']])
  expect(kept.external_id).toBe(text)
}

// A third of them each way in, in turn, so that each is sent some way; `NAUGHTY=all` for all of them every way.
const share = (way: Way) =>
  process.env['NAUGHTY'] === 'all' ? naughtyNames : naughtyNames.filter((_, n) => n % 3 === ways.indexOf(way) % 3)

describe.each(names)('%s', (name) => {
  it('is text, whatever it says: kept as it came, or refused', async () => {
    const way = ways.find((one) => one.name === name)
    if (way === undefined) throw new Error(`there is no way called ${name}`)
    const texts = share(way)
    const outcomes = await way.send(texts)
    const wrong: unknown[] = []
    for (const [n, outcome] of outcomes.entries()) {
      const text = texts[n] ?? ''
      expect(outcome === undefined).toBe(way.carries?.(text) === false)
      if (outcome)
        await check(way, text, outcome).catch((error: Error) =>
          wrong.push([text.slice(0, 80), outcome.status, outcome.code, error.message]),
        )
    }
    expect(wrong).toEqual([])
  })
})

it('no request that bears one in a header, a path or a query is led astray by it', async () => {
  const known = new Set<string>()
  // Two of them are ways of their own for whoever makes an address.
  for (const text of naughtyNames.filter((one) => one !== '.' && one !== '..')) {
    const encoded = encodeURIComponent(text.toWellFormed())
    const headers = { host: 'localhost', 'x-request-id': text, 'x-forwarded-for': text, 'user-agent': text }
    const asked = [
      `/v1/assets?externalId=${encoded}`,
      `/v1/assets/${encoded}`,
      `/media/default/019a0000-0000-7000-8000-000000000000/g1/${encoded}.jpg`,
    ]
    for (const answer of await Promise.all(asked.map((url) => app.inject({ url, headers })))) {
      known.add(`${answer.statusCode} ${answer.headers['content-type']}`)
      expect(Object.keys(answer.headers).filter((name) => !usual.test(name))).toEqual([])
      expect(answer.headers['x-request-id']).toMatch(/^[\w.:-]{1,100}$/)
      expect(answer.headers['x-content-type-options']).toBe('nosniff')
    }
  }
  const [json, problem] = ['application/json; charset=utf-8', 'application/problem+json; charset=utf-8']
  expect([...known].sort()).toEqual([`200 ${json}`, `400 ${problem}`, `404 ${problem}`])
})

it('nothing was stored but below its own asset, under a name of ours', async () => {
  const folder = house.config.STORAGE_DIR
  const found = await readdir(path.dirname(folder), { recursive: true, withFileTypes: true })
  const files = found
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
  expect(files.length).toBeGreaterThan(500)
  expect(files.filter((file) => !safeKey.test(file))).toEqual([])
})

/** What a terminal obeys, or turns a line round at. */
const moving = /[\p{Control}\u2028-\u202e\u2066-\u2069]/u

it('every line of the log is one object, and nothing in it moves a terminal or shows a secret', () => {
  expect(lines.length).toBeGreaterThan(naughtyNames.length)
  const wrong = lines.filter((line) => {
    const { level } = JSON.parse(line) as { level?: string }
    return level === 'fatal' || !line.endsWith('}\n') || moving.test(line.slice(0, -1))
  })
  expect(wrong).toEqual([])
  // A path is logged as it was asked for, and nobody writes an address with its secrets into ours, percent by percent.
  const shown = lines.filter((line) => JSON.stringify({ ...JSON.parse(line), path: '' }).includes('CANARY'))
  expect(shown).toEqual([])
})

it('the console makes no markup of text', async () => {
  const folder = path.join(import.meta.dirname, '../api/console')
  const files = (await readdir(folder)).filter((name) => /\.(js|html)$/.test(name))
  const texts = await Promise.all(files.map((name) => readFile(path.join(folder, name), 'utf8')))
  expect(files.length).toBeGreaterThan(5)
  const makers =
    /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|\beval\b|new Function|srcdoc/
  expect(files.filter((_, n) => makers.test(texts[n] ?? ''))).toEqual([])
})
