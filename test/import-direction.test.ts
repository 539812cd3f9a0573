import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'imports-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function check(files: Record<string, string>): { code: number | null; said: string } {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const ran = spawnSync(process.execPath, [join(root, 'scripts/check-imports.ts'), folder], { encoding: 'utf8' })
  return { code: ran.status, said: ran.stderr.trim() }
}

test('our own tree keeps every rule', () => {
  const ran = spawnSync(process.execPath, [join(root, 'scripts/check-imports.ts')], { encoding: 'utf8' })
  expect(ran.stderr).toBe('')
  expect(ran.status).toBe(0)
})

test('a tree that keeps the rules passes', () => {
  const { code, said } = check({
    'core/media/grid.ts': `import { posix } from 'node:path'\nexport const grid = posix.sep\n`,
    'core/db/open.ts': `import { grid } from '../media/grid.ts'\nimport pg from 'pg'\nexport const a = [grid, pg]\n`,
    'queues/index.ts': `import { a } from '../core/db/open.ts'\nexport const queue = a\n`,
    'api/main.ts': `import { queue } from '../queues/index.ts'\n// import '../workers/main.ts'\nexport const api = queue\n`,
    'client/index.ts': `import type { Asset } from '../core/asset.ts'\nexport type A = Asset\n`,
    'core/config.ts': `export const env = process.env\n`,
    'test/a.ts': `import '../api/main.ts'\nimport '../workers/main.ts'\n${'\n'.repeat(300)}process.env.HOME\n`,
  })
  expect(said).toBe('')
  expect(code).toBe(0)
})

describe('the check fails the build', () => {
  const bad: [name: string, files: Record<string, string>, fault: string][] = [
    [
      'on api importing workers',
      { 'api/a.ts': `import { b } from '../workers/b.ts'` },
      'api/a.ts imports workers/b.ts',
    ],
    ['on workers importing api', { 'workers/a.ts': `export * from '../api/b.ts'` }, 'workers/a.ts imports api/b.ts'],
    ['on queues importing workers', { 'queues/a.ts': `import '../workers/b.ts'` }, 'queues/a.ts imports workers/b.ts'],
    [
      'on core importing queues',
      { 'core/db/a.ts': `import { b } from '../../queues/b.ts'` },
      'core/db/a.ts imports queues/b.ts',
    ],
    [
      'on a type crossing from api to workers',
      { 'api/a.ts': `import type { B } from '../workers/b.ts'` },
      'api/a.ts imports workers/b.ts',
    ],
    [
      'on a dynamic import',
      { 'api/a.ts': `const b = await import('../workers/b.ts')` },
      'api/a.ts imports workers/b.ts',
    ],
    [
      'on an import over several lines',
      { 'api/a.ts': `import {\n  b,\n  c,\n} from '../workers/b.ts'` },
      'api/a.ts imports workers/b.ts',
    ],
    [
      'on pure core reading files',
      { 'core/media/a.ts': `import { readFileSync } from 'node:fs'` },
      'core/media/a.ts is pure, but imports node:fs',
    ],
    [
      'on pure core opening sockets',
      { 'core/net/a.ts': `import net from 'node:net'` },
      'core/net/a.ts is pure, but imports node:net',
    ],
    [
      'on pure core using sharp',
      { 'core/asset.ts': `import sharp from 'sharp'` },
      'core/asset.ts is pure, but imports sharp',
    ],
    [
      'on pure core importing the rest of core',
      { 'core/errors.ts': `import { a } from './db/open.ts'` },
      'core/errors.ts is pure, but imports core/db/open.ts',
    ],
    [
      'on a migration importing ours',
      { 'migrations/0001-a.ts': `import { a } from '../core/asset.ts'` },
      'a migration imports nothing of ours',
    ],
    [
      'on the client importing more than types',
      { 'client/a.ts': `import { a } from '../core/asset.ts'` },
      'the client imports types alone',
    ],
    [
      'on the product importing scripts',
      { 'core/db/a.ts': `import { a } from '../../scripts/a.ts'` },
      'not part of the product',
    ],
    [
      'on process.env outside of the settings',
      { 'api/a.ts': `export const a = process.env['A']` },
      'api/a.ts reads process.env',
    ],
    ['on process.env taken apart', { 'api/a.ts': `const { env } = process` }, 'api/a.ts reads process.env'],
    ['on a file of more than 250 lines', { 'api/a.ts': '\n'.repeat(251) }, 'api/a.ts has 251 lines'],
    [
      'on a circle',
      { 'api/a.ts': `import './b.ts'`, 'api/b.ts': `import './c.ts'`, 'api/c.ts': `import './a.ts'` },
      'a circle of imports: api/a.ts -> api/b.ts -> api/c.ts -> api/a.ts',
    ],
  ]
  test.each(bad)('%s', (_name, files, fault) => {
    const { code, said } = check(files)
    expect(said).toContain(fault)
    expect(code).toBe(1)
  })

  test('on a tree without sources', () => {
    expect(check({}).code).toBe(1)
  })
})
