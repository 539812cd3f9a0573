import { within } from '../../core/within.ts'
import { columns } from '../columns.ts'
import type { Where } from '../options.ts'
import { paint, printJson, short } from '../terminal.ts'
import { withHouse } from '../with-house.ts'
import { checkDatabase, checkQueue, checkWorkers } from './check-servers.ts'
import { checkDisk, checkStore } from './check-store.ts'
import { checkTools } from './check-tools.ts'

/** `bad` keeps it from working; `doubtful` is worth a look. */
export type Finding = { what: string; is: 'good' | 'doubtful' | 'bad'; says: string; remedy?: string }

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

export const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

const patienceMs = 20_000

/** One look; what it throws is what it found, and so is that nothing comes. */
export async function look(what: string, remedy: string, work: () => Promise<string>): Promise<Finding> {
  try {
    return { what, is: 'good', says: await within(patienceMs, work()) }
  } catch (error) {
    return { what, is: 'bad', says: messageOf(error), remedy }
  }
}
