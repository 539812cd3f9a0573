import { get } from 'node:http'
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

/** Not by `fetch`: what that brings along takes longer to load than all else that this process does meanwhile. */
function isReady(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    let ready = false
    const request = get(url, { timeout: 2_000, agent: false }, (answer) => {
      ready = answer.statusCode === 200
      answer.resume()
    })
    request.on('timeout', () => request.destroy())
    // Nobody listens there yet.
    request.on('error', () => undefined)
    request.on('close', () => resolve(ready))
  })
}
