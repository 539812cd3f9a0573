import { openAsBlob } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import type { Asset } from '../../client/index.ts'
import { waitUntil } from '../../core/db/embedded/wait-until.ts'
import type { BenchHouse } from './house.ts'
import { processesBelow } from './process-tree.ts'

type Send = Watch & {
  file: string
  /** When to stop looking; default: once it is ready. */
  until?: (asset: Asset) => boolean
}
type Watch = { house: Pick<BenchHouse, 'client'>; stop: AbortSignal }

/** Uploads a file in a form and watches its asset; the clock starts at the first byte sent. */
export async function sendFilm({ house, file, stop, until = isReady }: Send): Promise<{ asset: Asset; wall: number }> {
  const startedAt = performance.now()
  const { id } = await house.client.uploadFile(await openAsBlob(file), { filename: 'film.mp4' })
  const asset = await watchUntil({ house, id, stop, until })
  return { asset, wall: (performance.now() - startedAt) / 1000 }
}

export const waitUntilReady = ({ asset, ...watch }: Watch & { asset: Asset }) =>
  watchUntil({ ...watch, id: asset.id, until: isReady })

async function watchUntil({ house, id, stop, until }: Watch & { id: string; until: (asset: Asset) => boolean }) {
  for (;;) {
    stop.throwIfAborted()
    const asset = await house.client.asset(id)
    if (until(asset)) return asset
    if (asset.status === 'failed' || asset.status === 'cancelled')
      throw new Error(`the film is ${asset.status}: ${asset.error?.code} ${asset.error?.message}`)
    await pause(200, undefined, { signal: stop })
  }
}

/** Stops the work on a film, takes it back, and waits until the workers rest. */
export async function takeBack({ house, asset, stop }: { house: BenchHouse; asset: Asset; stop: AbortSignal }) {
  const address = `${house.url}/v1/assets/${asset.id}`
  if (asset.status !== 'ready') await fetch(`${address}/cancel`, { method: 'POST' })
  await fetch(address, { method: 'DELETE' })
  const atRest = () => house.pids.workers.every((pid) => !processesBelow(pid).some(({ name }) => name === 'ffmpeg'))
  await waitUntil({ what: 'the end of the work', timeoutMs: 60_000, signal: stop, ask: () => atRest() || undefined })
}

const isReady = ({ status }: Asset) => status === 'ready'

/** Seconds from the last byte received until it could be played, and until all was there; undefined for what did not come yet. */
export function waits({ timings }: Pick<Asset, 'timings'>): { playable?: number; ready?: number } {
  const { firstPlayableMs, totalMs, receivedMs } = timings
  return {
    ...(firstPlayableMs === null ? {} : { playable: firstPlayableMs / 1000 }),
    ...(totalMs === null || receivedMs === null ? {} : { ready: (totalMs - receivedMs) / 1000 }),
  }
}
