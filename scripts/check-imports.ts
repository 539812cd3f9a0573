import { fileURLToPath } from 'node:url'
import { findCircles, judge } from './import-rules.ts'
import { readSources } from './read-sources.ts'

const root = process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url))
const sources = await readSources(root)
const faults = [...sources.flatMap(judge), ...findCircles(sources)]
for (const fault of faults) console.error(fault)
if (sources.length === 0) console.error(`no source files below ${root}`)
else console.log(`${sources.length} files checked, ${faults.length} faults`)
process.exitCode = faults.length > 0 || sources.length === 0 ? 1 : 0
