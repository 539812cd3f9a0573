import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { mutations } from './mutations/all.ts'
import { faultsOf } from './mutations/check-rows.ts'
import { type Mutation, testOf } from './mutations/mutation.ts'
import { copySources } from './mutations/source-copy.ts'
import { type Tried, tryMutations } from './mutations/try-mutations.ts'

const usage = `Takes one defence away after the other, in a copy of the sources, and expects a named test to turn red.

  npm run test:mutations                     all of them
  npm run test:mutations -- tus addresses    these parts
  npm run test:mutations -- --only redirect  those whose words hold this text
  npm run test:mutations -- --jobs 2         so many copies side by side
`

const root = fileURLToPath(new URL('..', import.meta.url))
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string' }, jobs: { type: 'string' }, help: { type: 'boolean' } },
})

process.exitCode = values.help ? help() : await main()

function help(): number {
  console.log(usage)
  return 0
}

async function main(): Promise<number> {
  const parts = positionals.length > 0 ? positionals : Object.keys(mutations)
  const text = values.only?.toLowerCase() ?? ''
  const rows = parts
    .flatMap((part) => mutations[part] ?? unknownPart(part))
    .filter((row) => JSON.stringify(row).toLowerCase().includes(text))
  const faults = await faultsOf(rows, { root })
  for (const fault of faults) console.log(fault)
  if (faults.length > 0 || rows.length === 0) return 2
  const tried = await tryAll(rows)
  const bad = tried.filter(({ verdict }) => verdict !== 'red')
  console.log(`\n${tried.length} defences taken away, ${tried.length - bad.length} seen by their test`)
  for (const { mutation, verdict } of bad) console.log(`\n${mutation.without}\n  ${mutation.proof}\n  ${verdict}`)
  return bad.length === 0 && tried.length === rows.length ? 0 : 1
}

function unknownPart(part: string): never {
  console.log(`there is no part ${part}: ${Object.keys(mutations).join(', ')}`)
  process.exit(2)
}

/** Those of one test file stay together, and with one copy. */
async function tryAll(rows: readonly Mutation[]): Promise<Tried[]> {
  const waiting = [...Map.groupBy(rows, (row) => testOf(row).file)]
  const tried: Tried[] = []
  // Ctrl-C reaches vitest too; what was copied is removed, and what was tried is told.
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  const onTried = (one: Tried) => {
    tried.push(one)
    console.log(lineOf(one))
  }
  await Promise.all(
    Array.from({ length: Math.max(1, Number(values.jobs ?? 1)) }, async () => {
      await using copy = await copySources(root)
      for (let next = waiting.shift(); next && !stop.signal.aborted; next = waiting.shift())
        await tryMutations({ copy, file: next[0], mutations: next[1], onTried, signal: stop.signal })
    }),
  )
  return tried
}

function lineOf({ mutation, verdict, ms }: Tried): string {
  const seconds = `${(ms / 1000).toFixed(1).padStart(6)} s`
  return `${(verdict.split(':')[0] ?? '').padEnd(7)} ${seconds}  ${mutation.without}  (${mutation.file}; ${mutation.proof})`
}
