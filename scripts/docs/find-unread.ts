import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

const product = ['api', 'workers', 'queues', 'core', 'cli', 'client']

/** The names that no file of the product mentions but the one that declares them. Tests, and words in comments, do not count. */
export async function findUnread({
  root,
  names,
  declaredIn,
  words = /\w+/g,
}: {
  root: string
  names: string[]
  declaredIn: string[]
  /** What counts as a mention. */
  words?: RegExp
}): Promise<Set<string>> {
  const unread = new Set(names)
  for (const path of await productFiles(root)) {
    if (declaredIn.includes(path)) continue
    const code = withoutComments(await readFile(join(root, path), 'utf8'))
    for (const [word] of code.matchAll(words)) unread.delete(word)
  }
  return unread
}

async function productFiles(root: string): Promise<string[]> {
  const found = await Promise.all(
    product.map(async (part) => {
      const names = await readdir(join(root, part), { recursive: true })
      return names.map((name) => `${part}/${name}`)
    }),
  )
  return found.flat().filter((path) => path.endsWith('.ts') && !/\.(test|suite)\.ts$/.test(path))
}

const withoutComments = (text: string) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
