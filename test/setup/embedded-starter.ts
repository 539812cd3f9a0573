import { openEmbedded } from '../../core/db/embedded/open.ts'

// For tests: a process that opens the database of a folder, says so, and stays until it is killed.
const [dataDir = '', tied] = process.argv.slice(2)
const { url, pid, adopted } = await openEmbedded({ dataDir, tied: tied === 'tied' })
console.log(JSON.stringify({ url, pid, adopted }))
setInterval(() => undefined, 60_000)
