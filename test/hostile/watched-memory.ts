import { readdirSync, readFileSync } from 'node:fs'

/** Looks again and again at how much memory the processes below this one hold together, and keeps the most. */
export function watchMemory({ everyMs = 40 } = {}): {
  mostBytes(): number
  reset(): void
  stop(): void
} {
  let most = 0
  const timer = setInterval(() => {
    most = Math.max(most, below(process.pid))
  }, everyMs)
  const reset = () => {
    most = 0
  }
  return { mostBytes: () => most, reset, stop: () => clearInterval(timer) }
}

function below(root: number): number {
  const all = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? statusOf(name) : []))
  const tree = all.filter(({ parent }) => parent === root)
  for (const { pid } of tree) tree.push(...all.filter(({ parent }) => parent === pid))
  return tree.reduce((sum, { bytes }) => sum + bytes, 0)
}

/** `VmHWM` is the most that a process ever held, so that a short peak is not missed. */
function statusOf(pid: string) {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8')
    const field = (name: string) => Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(text)?.[1] ?? 0)
    return [{ pid: Number(pid), parent: field('PPid'), bytes: field('VmHWM') * 1024 }]
  } catch {
    return []
  }
}
