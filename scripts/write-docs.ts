import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readPages } from './docs/pages.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

for (const { path, committed, wanted } of await readPages({ root })) {
  if (committed !== wanted) await writeFile(join(root, path), wanted)
  console.log(`${path}: ${committed === wanted ? 'as it was' : 'written'}`)
}
