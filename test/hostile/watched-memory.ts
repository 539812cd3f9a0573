import { readFileSync } from 'node:fs'

/** Looks again and again at how much memory the processes below this one hold together, and keeps the most. */
export function watchMemory({ everyMs = 40 } = {}): { mostBytes(): number; stop(): void } {
  let most = 0
  const timer = setInterval(() => {
    most = Math.max(most, below(process.pid))
  }, everyMs)
  return { mostBytes: () => most, stop: () => clearInterval(timer) }
}

function below(root: number): number {
  return childrenOf(root).reduce((sum, pid) => sum + mostHeldBy(pid) + below(pid), 0)
}

/** Asked of the kernel: to look at every process of the machine, many times a second, takes a third of a processor. */
function childrenOf(pid: number): number[] {
  return (read(`/proc/${pid}/task/${pid}/children`).match(/\d+/g) ?? []).map(Number)
}

/** `VmHWM` is the most that a process ever held, so that a short peak is not missed. */
function mostHeldBy(pid: number): number {
  return Number(/^VmHWM:\s*(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) * 1024
}

/** A process that has ended meanwhile holds nothing. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
