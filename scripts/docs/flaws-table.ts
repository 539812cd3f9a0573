import { knownFlaws } from '../../workers/edges/known-flaws.ts'
import { table } from './table.ts'

/** What no worker starts with, and why. */
export function flawsTable(): string {
  const rows = knownFlaws.map(({ program, from, below, name, what }) => [
    program,
    from === undefined ? `below ${below}` : `${from} and later, below ${below}`,
    name,
    what,
  ])
  return table({ head: ['program', 'versions', 'flaw', 'what a file could do'], rows })
}
