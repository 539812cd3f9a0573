import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { benchApi } from './bench/api.ts'

const benches: Record<string, (folder: string) => Promise<void>> = { api: benchApi }

/** `npm run bench [NAME …]`: measures, and prints tables for docs/benchmarks.md. */
const names = process.argv.slice(2)
for (const name of names.length > 0 ? names : Object.keys(benches)) {
  const bench = benches[name]
  if (bench === undefined) {
    console.error(`there is no bench "${name}"; there are ${Object.keys(benches).join(', ')}`)
    process.exitCode = 2
    break
  }
  const folder = await mkdtemp(join(tmpdir(), 'bench-'))
  try {
    await bench(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
