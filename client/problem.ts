import type { Asset, ErrorCode, Problem } from './types.ts'

/** What the API refused, with its stable code. */
export class SluiceProblem extends Error {
  override readonly name = 'SluiceProblem'
  readonly problem: Problem
  /** When another try makes sense, where the answer said so. */
  readonly retryAfterMs: number | undefined
  constructor(problem: Problem, retryAfterMs?: number) {
    super(`${problem.code}: ${problem.detail}`)
    this.problem = problem
    this.retryAfterMs = retryAfterMs
  }
  get code(): ErrorCode | (string & {}) {
    return this.problem.code
  }
  get status(): number {
    return this.problem.status
  }
  get requestId(): string {
    return this.problem.requestId
  }
}

/** The asset that was waited for will not be ready. */
export class SluiceAssetError extends Error {
  override readonly name = 'SluiceAssetError'
  readonly asset: Asset
  constructor(asset: Asset) {
    const why = asset.error ? `: ${asset.error.code}, ${asset.error.message}` : ''
    super(`asset ${asset.id} is ${asset.status}${why}`)
    this.asset = asset
  }
}

/** Something in between (a proxy, say) may answer in words of its own. */
export async function problemOf(response: Response): Promise<SluiceProblem> {
  const requestId = response.headers.get('x-request-id') ?? ''
  const text = await response.text()
  const said = /json/.test(response.headers.get('content-type') ?? '') ? asProblem(text) : undefined
  const plain = { type: 'about:blank', code: 'unavailable', title: response.statusText, status: response.status }
  return new SluiceProblem(said ?? { ...plain, detail: text.slice(0, 200), requestId }, retryAfterOf(response))
}

/** What the API said in the answer that made tus give up. */
export function problemIn(answer: { getBody(): string } | null): SluiceProblem | undefined {
  const said = asProblem(answer?.getBody() ?? '')
  return said && new SluiceProblem(said)
}

function asProblem(text: string): Problem | undefined {
  try {
    const said: unknown = JSON.parse(text)
    return typeof said === 'object' && said !== null && 'code' in said ? (said as Problem) : undefined
  } catch {
    return undefined
  }
}

/** Seconds, or a date. */
function retryAfterOf({ headers }: Response): number | undefined {
  const said = headers.get('retry-after')
  if (said === null) return undefined
  const ms = /^\d+$/.test(said) ? Number(said) * 1_000 : Date.parse(said) - Date.now()
  return Number.isNaN(ms) ? undefined : Math.max(0, ms)
}
