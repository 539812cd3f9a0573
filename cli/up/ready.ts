import { setTimeout as pause } from 'node:timers/promises'

/** Asks until the API says that it is ready. Gives up when it dies again and again, or when `stop` fires. */
export async function waitUntilReady(options: {
  address: string
  stop: AbortSignal
  deaths: () => number
}): Promise<'ready' | 'keeps dying' | 'stopped'> {
  while (!options.stop.aborted) {
    if (options.deaths() >= 3) return 'keeps dying'
    if (await isReady(`${options.address}/ready`)) return 'ready'
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
