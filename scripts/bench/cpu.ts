import { readdirSync, readFileSync } from 'node:fs'

type Stat = { parent: number; own: number; reaped: number }

/** Linux counts in hundredths of a second here, whatever its own clock does. */
const ticksPerSecond = 100

/** Seconds of CPU that a process and everybody below it have used, those that ended and were reaped included. */
export function treeCpuSeconds(root: number): number {
  const stats = new Map(readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? statOf(Number(name)) : [])))
  const below = (pid: number): number => {
    const children = [...stats].filter(([, stat]) => stat.parent === pid)
    const stat = stats.get(pid)
    return (stat?.own ?? 0) + (stat?.reaped ?? 0) + children.reduce((sum, [child]) => sum + below(child), 0)
  }
  return below(root) / ticksPerSecond
}

/** Seconds of CPU of the children of this process that ended. */
export const reapedCpuSeconds = () => (statOf(process.pid)[0]?.[1].reaped ?? 0) / ticksPerSecond

function statOf(pid: number): [number, Stat][] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in brackets may hold anything: fields are counted from the last bracket.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const [utime, stime, cutime, cstime] = fields.slice(11, 15).map(Number)
    const own = (utime ?? 0) + (stime ?? 0)
    return [[pid, { parent: Number(fields[1]), own, reaped: (cutime ?? 0) + (cstime ?? 0) }]]
  } catch {
    // It ended meanwhile; its parent has its time.
    return []
  }
}
