import { columns } from '../columns.ts'
import type { Where } from '../options.ts'
import { paint, printJson, short } from '../terminal.ts'
import { withHouse } from '../with-house.ts'
import { checkDatabase, checkQueue, checkWorkers } from './check-servers.ts'
import { checkDisk, checkStore } from './check-store.ts'
import { checkTools } from './check-tools.ts'
import { type Finding, messageOf } from './finding.ts'

const colour = { good: 'green', doubtful: 'yellow', bad: 'red' } as const

/** Looks at everything that a process leans on; its exit code. */
export async function doctor(options: Where): Promise<number> {
  const findings: Finding[] = await checkTools()
  try {
    findings.push(
      ...(await withHouse(options, async (house) => {
        const checks = [checkDatabase, checkQueue, checkStore, checkDisk, checkWorkers]
        return (await Promise.all(checks.map((check) => check(house)))).flat()
      })),
    )
  } catch (error) {
    findings.push({ what: 'start', is: 'bad', says: messageOf(error) })
  }
  const bad = findings.some(({ is }) => is === 'bad')
  if (options.json) printJson({ healthy: !bad, findings })
  else {
    console.log(
      columns(findings.map(({ what, is, says }) => [is, what, short(says, 100)])).replaceAll(
        /^(good|doubtful|bad)/gm,
        (word) => paint(colour[word as Finding['is']], word),
      ),
    )
    for (const { what, remedy } of findings) if (remedy !== undefined) console.log(`\n${what}: ${remedy}`)
  }
  return bad ? 1 : 0
}
