import { listen } from './events.ts'
import type { Http } from './http.ts'
import { pause } from './pause.ts'
import { SluiceAssetError } from './problem.ts'
import type { Asset } from './types.ts'

export type WaitOptions = {
  signal?: AbortSignal
  /** Asks every so often, in place of listening for events. */
  everyMs?: number
  /** Called with the asset each time it was read. */
  onChange?: (asset: Asset) => void
}

/** While events are heard, the asset is read when they come; this often where they might have been missed. */
const whileHeardMs = 15_000
const unheardMs = 500

/** Resolves with the asset once it is ready; rejects with `SluiceAssetError` when it failed or was cancelled. */
export async function waitFor(http: Http, id: string, options: WaitOptions): Promise<Asset> {
  const { signal, everyMs, onChange } = options
  const ears = everyMs === undefined ? listening(http, id, signal) : undefined
  try {
    for (;;) {
      const asset = await http.json<Asset>(`/v1/assets/${encodeURIComponent(id)}`, { signal })
      onChange?.(asset)
      if (asset.status === 'ready') return asset
      if (asset.status === 'failed' || asset.status === 'cancelled') throw new SluiceAssetError(asset)
      await (ears?.next() ?? pause(everyMs ?? unheardMs, signal))
    }
  } finally {
    ears?.end()
  }
}

/** Events where they can be had: a proxy may hold them back, and a key may not be for them. */
function listening(http: Http, id: string, outer: AbortSignal | undefined) {
  const end = new AbortController()
  const signal = AbortSignal.any([end.signal, ...(outer ? [outer] : [])])
  let heard = false
  let news = new AbortController()
  const hear = async () => {
    for await (const { type } of listen(http, { assetId: id, signal })) {
      heard = true
      if (type !== 'asset.progress') news.abort()
    }
  }
  hear().catch(() => {
    heard = false
  })
  return {
    /** Ends when something happened, or after a while. */
    async next(): Promise<void> {
      await pause(heard ? whileHeardMs : unheardMs, AbortSignal.any([news.signal, signal])).catch(() => undefined)
      outer?.throwIfAborted()
      news = new AbortController()
    },
    end: () => end.abort(),
  }
}
