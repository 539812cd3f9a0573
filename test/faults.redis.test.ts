import { chmod } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { runSeeds, summary } from '../scripts/faults/run.ts'
import { tempFolder } from './setup/temp-folder.ts'

/** The short form of `npm run test:faults`; docs/reliability.md tells of the long one. */
const seeds = Array.from({ length: 20 }, (_, n) => n + 1)

it('twenty seeds of killed processes, broken networks and lost queues: all that was acknowledged comes to its end', {
  timeout: 600_000,
}, async () => {
  const folder = await tempFolder()
  // Postgres may run as another user.
  await chmod(folder, 0o755)
  const lines: string[] = []
  const reports = await runSeeds({
    folder,
    queue: 'redis',
    storage: 'local',
    items: 1,
    seeds,
    say: (line) => lines.push(line),
  })
  expect(reports.flatMap(({ violations }) => violations).length, lines.join('\n')).toBe(0)
  expect(reports.length, summary(reports).join('\n')).toBe(seeds.length)
})
