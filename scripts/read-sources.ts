import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, posix } from 'node:path'
import type { Import, Source } from './import-rules.ts'

const parts = ['api', 'workers', 'queues', 'core', 'cli', 'client', 'migrations', 'fixtures', 'scripts', 'test']

/** Every file of ours with what it imports. Code for the browser is a world of its own, and is left out. */
export async function readSources(root: string): Promise<Source[]> {
  const found = await Promise.all(parts.map((part) => listFiles({ root, part })))
  const paths = found.flat().filter((path) => /\.(ts|mjs|js)$/.test(path) && !path.startsWith('api/console/'))
  return Promise.all(
    paths.sort().map(async (path) => parseSource({ path, text: await readFile(join(root, path), 'utf8') })),
  )
}

async function listFiles({ root, part }: { root: string; part: string }): Promise<string[]> {
  try {
    const names = await readdir(join(root, part), { recursive: true })
    return names.map((name) => posix.join(part, name))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}

export function parseSource({ path, text }: { path: string; text: string }): Source {
  const code = withoutComments(text)
  const imports: Import[] = []
  const statement = /^[ \t]*(import|export)\s+(type\s+)?([^'"`;()=]*?\bfrom\s*)?['"]([^'"]+)['"]/gm
  for (const [, , type, names, specifier = ''] of code.matchAll(statement)) {
    imports.push(resolveImport({ path, specifier, typeOnly: type !== undefined || onlyTypes(names) }))
  }
  for (const [, specifier = ''] of code.matchAll(/\bimport\s*\(\s*['"]([^'"]+)['"]\s*\)/g))
    imports.push(resolveImport({ path, specifier, typeOnly: false }))
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
  return {
    path,
    lines,
    imports,
    readsEnvironment: /\bprocess\s*(\.\s*env\b|\[\s*['"]env['"])|\{[^}]*\benv\b[^}]*\}\s*=\s*process\b/.test(code),
  }
}

function resolveImport({ path, specifier, typeOnly }: { path: string; specifier: string; typeOnly: boolean }): Import {
  if (specifier.startsWith('.')) return { to: posix.join(dirname(path), specifier), ours: true, typeOnly }
  return { to: specifier, ours: false, typeOnly }
}

/** `{ type A, type B } from` loads nothing of its own; verbatimModuleSyntax keeps the import, but only for its effects. */
function onlyTypes(names: string | undefined): boolean {
  const inside = /^\{([^}]*)\}\s*from\s*$/.exec(names ?? '')?.[1]
  if (inside === undefined) return false
  const each = inside
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  return each.length > 0 && each.every((name) => name.startsWith('type '))
}

/** Blanks comments that stand on lines of their own; a string may hold `//` and quotes of all kinds, and is left alone. */
function withoutComments(text: string): string {
  return text.replace(/^[ \t]*(\/\*[\s\S]*?\*\/|\/\/[^\n]*)/gm, '')
}
