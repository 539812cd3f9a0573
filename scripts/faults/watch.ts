import { setTimeout as rest } from 'node:timers/promises'
import type { History } from './history.ts'
import type { FaultHouse } from './house.ts'

/** Looks at all assets over HTTP again and again, as a host application does, and notes each change that it is shown. */
export function watch({ house, history }: { house: FaultHouse; history: History }): AsyncDisposable {
  const over = new AbortController()
  const last = new Map<string, string>()
  const round = async (api: string) => {
    const signal = AbortSignal.any([over.signal, AbortSignal.timeout(3_000)])
    const headers = { authorization: `Bearer ${house.secret}` }
    const answer = await fetch(`${api}/v1/assets?limit=100`, { headers, signal })
    if (!answer.ok) return void (await answer.arrayBuffer())
    const { data } = (await answer.json()) as { data: { id: string; status: string; playable: boolean }[] }
    for (const { id, status, playable } of data) {
      const now = `${status} ${playable}`
      if (last.get(id) === now) continue
      last.set(id, now)
      history.write({ what: 'seen', assetId: id, status, playable })
    }
  }
  const watching = (async () => {
    for (let n = 0; !over.signal.aborted; n++) {
      // An API that is away is asked again.
      await round(house.apis[n % house.apis.length]?.url ?? '').catch(() => undefined)
      await rest(150)
    }
  })()
  return {
    async [Symbol.asyncDispose]() {
      over.abort()
      await watching
    },
  }
}
