import { setTimeout as pause } from 'node:timers/promises'
import type { Child } from './child.ts'

const deathsToGiveUp = 3

/** Asks until the API answers and every worker has said so. Gives up when one dies again and again, or when `stop` fires. */
export async function waitUntilReady(options: {
  address: string
  children: Child[]
  stop: AbortSignal
}): Promise<'ready' | 'stopped' | { dying: Child }> {
  const workers = options.children.filter((child) => child.name !== 'api')
  while (!options.stop.aborted) {
    const dying = options.children.find((child) => child.deaths() >= deathsToGiveUp)
    if (dying) return { dying }
    if (workers.every((child) => child.saidReady()) && (await isReady(`${options.address}/ready`))) return 'ready'
    await pause(50)
  }
  return 'stopped'
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) })
    await response.arrayBuffer()
    return response.ok
  } catch {
    // Nobody listens there yet.
    return false
  }
}
