import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hardFiles } from '../fixtures/hard/all.ts'
import { corpusHouse, type Ended } from './formats/corpus-house.ts'
import { judge } from './formats/judge.ts'
import { formatsPage } from './formats/page.ts'

const page = fileURLToPath(new URL('../docs/formats.md', import.meta.url))
// One in twenty-four of each kind; `FORMATS=all` for all of them, `FORMATS=turned,pq` for those whose names have one of these.
const wanted = process.env['FORMATS']
const files = hardFiles.flatMap(({ files }) => {
  if (wanted === 'all') return files
  if (wanted === undefined) return files.filter((_, n) => n % 24 === 0)
  return files.filter(({ file }) => wanted.split(',').some((part) => file.includes(part)))
})

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

  it('docs/formats.md says what came out', async () => {
    const committed = await readFile(page, 'utf8').catch(() => '')
    await expect(formatsPage({ ended: known, committed })).toMatchFileSnapshot(page)
  })
})
