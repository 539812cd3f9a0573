import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hardFiles } from '../fixtures/hard/all.ts'
import { corpusHouse, type Ended } from './formats/corpus-house.ts'
import { judge } from './formats/judge.ts'
import { formatsPage } from './formats/page.ts'

const page = fileURLToPath(new URL('../docs/formats.md', import.meta.url))
// While working on some of them: FORMATS=turned,pq npx vitest run test/formats.test.ts --project base
const some = process.env['FORMATS']?.split(',')
const all = hardFiles.flatMap(({ files }) => files)
const files = some === undefined ? all : all.filter(({ file }) => some.some((part) => file.includes(part)))

describe('files as people have them come out right, or are refused with the right code', () => {
  let corpus: Awaited<ReturnType<typeof corpusHouse>>
  const known = new Map<string, Ended>()
  beforeAll(async () => {
    corpus = await corpusHouse(files)
  })
  afterAll(() => corpus.settled())

  it.for(files)('$file: $what', { timeout: 180_000 }, async (one, { skip }) => {
    const ended = await corpus.outcomeOf(one)
    if ('notMade' in ended) return skip(`not made by the ffmpeg at hand: ${ended.notMade}`)
    known.set(one.file, ended)
    expect(await judge({ one, ended, folder: corpus.folder })).toEqual([])
    if ('asset' in ended && ended.asset.error) expect(await corpus.failures(ended.asset.id)).toEqual([1])
  })

  it.skipIf(some !== undefined)('docs/formats.md says what came out', async () => {
    const committed = await readFile(page, 'utf8').catch(() => '')
    await expect(formatsPage({ ended: known, committed })).toMatchFileSnapshot(page)
  })
})
