import { readdirSync, readFileSync } from 'node:fs'

type Stat = { pid: number; parent: number; name: string; own: number; reaped: number }

/** Linux counts in hundredths of a second here, whatever its own clock does. */
const ticksPerSecond = 100

/** Seconds of CPU that a process and everybody below it have used, those that ended and were reaped included. */
export function treeCpuSeconds(root: number): number {
  const ticks = treeOf(root).reduce((sum, { own, reaped }) => sum + own + reaped, 0)
  return ticks / ticksPerSecond
}

/** Everybody below a process, with the name of what each runs. */
export const processesBelow = (root: number) => treeOf(root).filter(({ pid }) => pid !== root)

/** A process, and everybody below it. */
function treeOf(root: number): Stat[] {
  const all = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? statOf(Number(name)) : []))
  const tree = all.filter(({ pid }) => pid === root)
  for (const { pid } of tree) tree.push(...all.filter(({ parent }) => parent === pid))
  return tree
}

/** Seconds of CPU of the children of this process that ended. */
export const reapedCpuSeconds = () => (statOf(process.pid)[0]?.reaped ?? 0) / ticksPerSecond

function statOf(pid: number): Stat[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in brackets may hold anything: fields are counted from the last bracket.
    const end = text.lastIndexOf(')')
    const fields = text.slice(end + 2).split(' ')
    const [utime = 0, stime = 0, cutime = 0, cstime = 0] = fields.slice(11, 15).map(Number)
    const name = text.slice(text.indexOf('(') + 1, end)
    return [{ pid, parent: Number(fields[1]), name, own: utime + stime, reaped: cutime + cstime }]
  } catch {
    // It ended meanwhile; its parent has its time.
    return []
  }
}
