import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { testTitles } from '../scripts/docs/test-titles.ts'
import { threats } from '../scripts/docs/threats/all.ts'
import { threatIds } from '../scripts/docs/threats/threat.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const rows = Object.values(threats).flat()

describe('docs/security.md', () => {
  it('names every threat at least once, in the order of their numbers', () => {
    const named = [...new Set(rows.map(({ id }) => id))]
    expect(named).toEqual(threatIds)
  })

  it('names no test that is not there, by file and by title', async () => {
    const missing: string[] = []
    for (const { id, proof } of rows) {
      if (typeof proof !== 'string') continue
      const [path = '', title = ''] = proof.split(' › ', 2)
      const there = existsSync(join(root, path)) && testTitles(await readFile(join(root, path), 'utf8')).includes(title)
      if (!there) missing.push(`${id}: ${proof}`)
    }
    expect(missing).toEqual([])
  })
})

describe('the titles of a test file', () => {
  it('are found behind tables and options, and not where a test is skipped', () => {
    const source = `
      it('plain', () => {})
      test.each([['a)', "b'("], [\`)\${1}\`, /[)]\\)/]])('%s of a table', (a) => {})
      it.for(files)('$file', { timeout: 1 }, () => {})
      test.skipIf(a('(') === b)("it's there", () => {})
      test.each([1])(
        'on a line of its own',
        () => {})
      it.skip('skipped', () => {})
      // it('in a comment', () => {})
      split('not a test')
    `
    expect(testTitles(source)).toEqual(['plain', '%s of a table', '$file', "it's there", 'on a line of its own'])
  })
})
