import type { Asset } from '../../../client/index.ts'

export type Calls = Record<CallName, number[]>
type CallName = 'POST an address' | 'GET the asset' | 'GET the list' | 'GET a page from its depth' | 'GET /health'

type Options = {
  url: string
  calls: number
  /** The address to post in each round. */
  address: (n: number) => string
  deepCursor: string
  stop: AbortSignal
}

/** All kinds of calls in turn, one after the other, and how many milliseconds each took; also when each address was posted. */
export async function timeCalls({ url, calls, address, deepCursor, stop }: Options) {
  const took: Calls = {
    'POST an address': [],
    'GET the asset': [],
    'GET the list': [],
    'GET a page from its depth': [],
    'GET /health': [],
  }
  const postedAt: number[] = []
  const timed = async (name: CallName, path: string, init: RequestInit = {}): Promise<string> => {
    const startedAt = performance.now()
    const answer = await fetch(url + path, { ...init, signal: stop })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${text}`)
    took[name].push(performance.now() - startedAt)
    return text
  }
  for (let n = 0; n < calls; n++) {
    postedAt.push(performance.now())
    const body = JSON.stringify({ source: { url: address(n) } })
    const headers = { 'content-type': 'application/json' }
    const { id } = JSON.parse(await timed('POST an address', '/v1/assets', { method: 'POST', headers, body })) as Asset
    await timed('GET the asset', `/v1/assets/${id}`)
    await timed('GET the list', '/v1/assets')
    await timed('GET a page from its depth', `/v1/assets?limit=20&cursor=${deepCursor}`)
    if (n % 4 === 0) await timed('GET /health', '/health')
  }
  return { took, postedAt }
}

/** The board as an operator sees it: its page, and what that asks for about a long queue. */
export async function timeBoard(url: string, rounds: number): Promise<number[]> {
  const took: number[] = []
  const ask = '/admin/queues/api/queues?activeQueue=intake&status=prioritized&page=1&jobsPerPage=10'
  for (let n = 0; n < rounds; n++) {
    const startedAt = performance.now()
    for (const path of ['/admin/queues', ask]) {
      const answer = await fetch(url + path)
      if (!answer.ok) throw new Error(`${path} answered ${answer.status}`)
      await answer.arrayBuffer()
    }
    took.push(performance.now() - startedAt)
  }
  return took
}

/** Presses pause, or resume, on the board. */
export async function press(url: string, { queue, button }: { queue: string; button: 'pause' | 'resume' }) {
  const answer = await fetch(`${url}/admin/queues/api/queues/${queue}/${button}`, { method: 'PUT' })
  if (!answer.ok) throw new Error(`${button} answered ${answer.status}`)
}
