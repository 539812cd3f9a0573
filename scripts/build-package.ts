import { execFileSync } from 'node:child_process'
import { glob, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * What `npm pack` puts into the package: `sluice/client` and `sluice/queues` as plain JavaScript with types, since Node runs no
 * TypeScript below node_modules. In the repository both are imported by their own paths, and nothing is built.
 */
const root = fileURLToPath(new URL('..', import.meta.url))
const out = process.argv[2] ?? join(root, 'dist')
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')

await rm(out, { recursive: true, force: true })
execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.package.json'), '--outDir', out], { stdio: 'inherit' })
// In declarations tsc leaves the names of our sources, which are not in the package.
for await (const path of glob('**/*.d.ts', { cwd: out })) {
  const text = await readFile(join(out, path), 'utf8')
  await writeFile(join(out, path), text.replace(/(from '\.[^']*|import\("\.[^"]*)\.ts(?=['"])/g, '$1.js'))
}
