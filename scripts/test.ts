import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { testParts } from './test-parts.ts'
import { type Tally, tally } from './test-report.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const inCi = process.env['CI'] === 'true'

/** Everything that is wrong without running anything. Each counts as one test. */
const checks = [
  { title: 'lint and format', argv: ['biome', 'check', '.'] },
  { title: 'types', argv: ['tsc', '-p', 'tsconfig.json'] },
  { title: 'types of the console', argv: ['tsc', '-p', 'api/console'] },
  { title: 'imports and sizes', argv: ['node', 'scripts/check-imports.ts'] },
  { title: 'dead code', argv: ['knip'] },
]

process.exitCode = await main(process.argv.slice(2))

/** Arguments go to vitest, which then runs alone: `npm test -- core/media`. */
async function main(args: string[]): Promise<number> {
  const tallies: Tally[] = []
  for (const { title, argv } of args.length > 0 ? [] : checks) {
    const ok = (await step({ title, argv })) === 0
    tallies.push({ passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: [] })
  }
  const parts = testParts(process.env)
  const projects = parts.filter((part) => part.missing === undefined).map((part) => part.project)
  tallies.push(await runVitest({ projects, args }))
  const notRun = [
    ...parts.flatMap((part) => (part.missing ? [`the ${part.project} tests: ${part.missing}`] : [])),
    ...tallies.flatMap((one) => one.skipped.map((name) => `skipped: ${name}`)),
  ]
  for (const line of notRun) console.log(`not run: ${line}`)
  const missed = inCi ? notRun.length : 0
  if (missed > 0) console.log('With CI=true, what is not run has failed.')
  const passed = tallies.reduce((sum, one) => sum + one.passed, 0)
  const failed = tallies.reduce((sum, one) => sum + one.failed, 0) + missed
  console.log(`${passed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

async function runVitest({ projects, args }: { projects: string[]; args: string[] }): Promise<Tally> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-report-'))
  const file = join(folder, 'report.json')
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
    const chosen = projects.map((project) => `--project=${project}`)
    const exitCode = await step({ title: 'tests', argv: ['vitest', 'run', ...reporters, ...chosen, ...args] })
    const json = await readFile(file, 'utf8').catch(() => undefined)
    // Without a report, vitest broke down before its end; it said why.
    return json === undefined ? { passed: 0, failed: 1, skipped: [] } : tally({ json: JSON.parse(json), exitCode })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function step({ title, argv }: { title: string; argv: string[] }): Promise<number> {
  console.log(`\n── ${title}`)
  const [name = '', ...args] = argv
  const started = performance.now()
  return new Promise((resolve, reject) => {
    const bin = name === 'node' ? process.execPath : join(root, 'node_modules/.bin', name)
    const child = spawn(bin, args, { cwd: root, stdio: 'inherit' })
    // Ctrl-C reaches the whole group; the step ends by itself, and its end is ours.
    const wait = () => undefined
    process.on('SIGINT', wait)
    child.once('error', reject)
    child.once('exit', (code) => {
      process.off('SIGINT', wait)
      console.log(
        `   ${title}: ${code === 0 ? 'ok' : 'FAILED'} in ${((performance.now() - started) / 1000).toFixed(1)} s`,
      )
      resolve(code ?? 1)
    })
  })
}
