import type { AssetView } from '../core/asset-view.ts'

export type Asset = AssetView
export type SluiceOptions = { url: string; key?: string; fetch?: typeof fetch }

/** Those that every house has; a `PROFILES_FILE` may name others. */
export type BuiltInProfile = 'default' | 'fast' | 'rehost' | 'uhd'

/** All that an asset shows, at addresses that anybody may read until they expire. */
export type SignedAsset = { expiresAt: string } & Pick<
  Asset,
  'playback' | 'thumbnails' | 'storyboard' | 'images' | 'srcset' | 'audio'
>

export type NewAsset = {
  /** An address, or what lies in storage already: `s3://bucket/key` or `file:/path`. */
  source: { url: string } | { object: string }
  kind?: 'video' | 'image' | 'audio'
  profile?: BuiltInProfile | (string & {})
  externalId?: string
  metadata?: Record<string, string | number | boolean | null>
  priority?: 'high' | 'normal' | 'low'
  visibility?: 'public' | 'private'
  webhookUrl?: string
}

export type Problem = {
  code: string
  title: string
  status: number
  detail: string
  requestId: string
  errors?: { path: string; message: string }[]
}

/** What the API refused, with its stable code. */
export class SluiceProblem extends Error {
  override readonly name = 'SluiceProblem'
  readonly problem: Problem
  constructor(problem: Problem) {
    super(`${problem.code}: ${problem.detail}`)
    this.problem = problem
  }
}

/** The typed HTTP client for other backends and for browsers. */
export class Sluice {
  readonly #options: SluiceOptions
  constructor(options: SluiceOptions) {
    this.#options = options
  }

  /**
   * Takes over media from where it lies. With `waitSeconds` (60 at most) the answer is held until it has ended, or that long.
   * With an `idempotencyKey` the same call may be sent again: it counts once.
   */
  createAsset(asset: NewAsset, options: { waitSeconds?: number; idempotencyKey?: string } = {}): Promise<Asset> {
    const { waitSeconds, idempotencyKey } = options
    return this.#send('/v1/assets', asset, {
      ...(waitSeconds === undefined ? {} : { prefer: `wait=${waitSeconds}` }),
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
    })
  }

  /** Up to 100 addresses in one call; each becomes an asset or is refused by itself, in their order. */
  async createAssets(items: NewAsset[]): Promise<(Asset | Problem)[]> {
    const { data } = await this.#send<{ data: (Asset | Problem)[] }>('/v1/assets/batch', { items })
    return data
  }

  /** Sends a file in one form; for large ones and bad networks, upload over tus. */
  uploadFile(file: Blob, fields: Omit<NewAsset, 'source'> & { filename?: string } = {}): Promise<Asset> {
    const { filename, metadata, ...plain } = fields
    const form = new FormData()
    for (const [name, value] of Object.entries(plain)) if (value !== undefined) form.set(name, value)
    if (metadata !== undefined) form.set('metadata', JSON.stringify(metadata))
    form.set('file', file, filename ?? (file instanceof File ? file.name : 'file'))
    return this.#call('/v1/assets', { method: 'POST', body: form })
  }

  asset(id: string): Promise<Asset> {
    return this.#call(`/v1/assets/${encodeURIComponent(id)}`)
  }

  assets(
    query: { status?: Asset['status']; kind?: string; externalId?: string; limit?: number; cursor?: string } = {},
  ): Promise<{ data: Asset[]; nextCursor: string | null }> {
    const search = new URLSearchParams(
      Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
    )
    return this.#call(`/v1/assets?${search}`)
  }

  /** Addresses to hand to one viewer of a private asset; they work for an hour, or for as many seconds as wished. */
  sign(id: string, wish: { expiresIn?: number } = {}): Promise<SignedAsset> {
    return this.#call(`/v1/assets/${encodeURIComponent(id)}/sign`, {
      method: 'POST',
      body: JSON.stringify(wish),
      headers: { 'content-type': 'application/json' },
    })
  }

  /** Resolves with the asset once it is ready; rejects when it failed or was cancelled, or when the signal aborts. */
  async waitUntilReady(id: string, options: { everyMs?: number; signal?: AbortSignal } = {}): Promise<Asset> {
    for (;;) {
      options.signal?.throwIfAborted()
      const asset = await this.asset(id)
      if (asset.status === 'ready') return asset
      if (asset.status === 'failed' || asset.status === 'cancelled')
        throw new Error(
          `asset ${id} is ${asset.status}${asset.error ? `: ${asset.error.code}, ${asset.error.message}` : ''}`,
        )
      await pause(options.everyMs ?? 500, options.signal)
    }
  }

  #send<Answer>(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const json = { 'content-type': 'application/json', ...headers }
    return this.#call(path, { method: 'POST', body: JSON.stringify(body), headers: json })
  }

  async #call<Answer>(path: string, init: RequestInit = {}): Promise<Answer> {
    const headers = new Headers(init.headers)
    if (this.#options.key !== undefined) headers.set('authorization', `Bearer ${this.#options.key}`)
    const send = this.#options.fetch ?? fetch
    const response = await send(new URL(path, this.#options.url), { ...init, headers })
    if (!response.ok) throw new SluiceProblem(await problemOf(response))
    return (await response.json()) as Answer
  }
}

/** Something in between (a proxy, say) may answer in words of its own. */
async function problemOf(response: Response): Promise<Problem> {
  const requestId = response.headers.get('x-request-id') ?? ''
  if (/json/.test(response.headers.get('content-type') ?? '')) return (await response.json()) as Problem
  const detail = (await response.text()).slice(0, 200)
  return { code: 'unavailable', title: response.statusText, status: response.status, detail, requestId }
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal?.addEventListener('abort', stop, { once: true })
  })
}
