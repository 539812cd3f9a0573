import { type EventOptions, type HeardEvent, listen } from './events.ts'
import type { Uploadable } from './file-source.ts'
import { type CallOptions, Http, type SluiceOptions } from './http.ts'
import type * as api from './types.ts'
import { startUpload, type UploadFields, type Uploading, type UploadOptions } from './upload.ts'
import { type ChunkedOptions, uploadInChunks } from './upload-chunked.ts'
import { type WaitOptions, waitFor } from './wait.ts'

/** Those that every house has; a `PROFILES_FILE` may name others. */
export type BuiltInProfile = 'default' | 'fast' | 'rehost' | 'uhd'
type Profile = { profile?: BuiltInProfile | (string & {}) | undefined }

export type NewAsset = api.NewAsset & Profile
/** Which assets; pages of `limit`. */
export type AssetFilter = Omit<api.AssetQuery, 'cursor'>

const pathOf = (id: string, rest = '') => `/v1/assets/${encodeURIComponent(id)}${rest}`

/** The typed client of the HTTP API, for other backends and for browsers. */
export class Sluice {
  readonly #http: Http
  constructor(options: SluiceOptions) {
    this.#http = new Http(options)
  }

  /** Takes over media from where it lies. With `waitSeconds` (60 at most) the answer is held until it has ended, or that long. */
  createAsset(asset: NewAsset, options: CallOptions & { waitSeconds?: number } = {}): Promise<api.Asset> {
    const { waitSeconds, ...call } = options
    const headers = waitSeconds === undefined ? {} : { prefer: `wait=${waitSeconds}` }
    return this.#http.json('/v1/assets', { method: 'POST', body: asset, headers, ...call })
  }

  /** Up to 100 addresses in one call; each becomes an asset or is refused by itself, in their order. */
  async createAssets(items: NewAsset[], options: CallOptions = {}): Promise<(api.Asset | api.Problem)[]> {
    const sending = { method: 'POST', body: { items }, ...options }
    return (await this.#http.json<api.BatchAnswer>('/v1/assets/batch', sending)).data
  }

  /** Sends a small file in one form. Larger ones, and bad networks, want `upload`. */
  uploadFile(
    file: Blob,
    fields: UploadFields & { webhookUrl?: string } = {},
    options: CallOptions = {},
  ): Promise<api.Asset> {
    const { filename, metadata, ...plain } = fields
    const form = new FormData()
    for (const [name, value] of Object.entries(plain)) if (value !== undefined) form.set(name, value)
    if (metadata !== undefined) form.set('metadata', JSON.stringify(metadata))
    form.set('file', file, filename ?? (file instanceof File ? file.name : 'file'))
    return this.#http.json('/v1/assets', { method: 'POST', body: form, patient: true, ...options })
  }

  /** Sends a file of any size over tus: paused, gone on with, and through broken connections. */
  upload(file: Uploadable, options: UploadOptions & Profile = {}): Uploading {
    return startUpload(this.#http, file, options)
  }

  /** Sends a file in chunks, several at once. */
  uploadChunked(file: Blob | Uint8Array | string, options: ChunkedOptions & Profile = {}): Promise<api.Asset> {
    return uploadInChunks(this.#http, file, options)
  }

  asset(id: string, options: CallOptions = {}): Promise<api.Asset> {
    return this.#http.json(pathOf(id), options)
  }

  /** One page of the list, the newest first. */
  assets(query: api.AssetQuery = {}, options: CallOptions = {}): Promise<api.AssetList> {
    const said = Object.entries(query).filter(([, value]) => value !== undefined)
    const search = new URLSearchParams(said.map(([name, value]): [string, string] => [name, String(value)]))
    return this.#http.json(`/v1/assets?${search}`, options)
  }

  /** Every asset of the list, page after page. */
  async *allAssets(filter: AssetFilter = {}, options: CallOptions = {}): AsyncGenerator<api.Asset, void, undefined> {
    let cursor: string | undefined
    do {
      const page = await this.assets({ limit: 100, ...filter, cursor }, options)
      yield* page.data
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined)
  }

  cancel(id: string, options: CallOptions = {}): Promise<api.Asset> {
    return this.#http.json(pathOf(id, '/cancel'), { method: 'POST', ...options })
  }

  /** Deletes it with all that is stored of it. */
  async delete(id: string, options: CallOptions = {}): Promise<void> {
    await this.#http.send(pathOf(id), { method: 'DELETE', ...options })
  }

  /** Makes it anew from the same original; what is ready is served until then. */
  reprocess(id: string, wish: api.ReprocessWish & Profile = {}, options: CallOptions = {}): Promise<api.Asset> {
    return this.#http.json(pathOf(id, '/reprocess'), { method: 'POST', body: wish, ...options })
  }

  /** Addresses to hand to one viewer of a private asset; they work for an hour, or for as many seconds as wished. */
  sign(id: string, wish: api.SignWish = {}, options: CallOptions = {}): Promise<api.SignedAsset> {
    return this.#http.json(pathOf(id, '/sign'), { method: 'POST', body: wish, ...options })
  }

  /** The work on it, with attempts and errors. */
  async tasks(id: string, options: CallOptions = {}): Promise<api.Task[]> {
    return (await this.#http.json<api.TaskList>(pathOf(id, '/tasks'), options)).data
  }

  /** A token with which a browser may make one upload, in place of a key. */
  createUploadToken(wish: api.UploadTokenWish = {}, options: CallOptions = {}): Promise<api.UploadToken> {
    return this.#http.json('/v1/upload-tokens', { method: 'POST', body: wish, ...options })
  }

  /** What happens, as it happens, over broken connections too: `for await (const event of sluice.events())`. */
  events(options: EventOptions = {}): AsyncGenerator<HeardEvent, void, undefined> {
    return listen(this.#http, options)
  }

  /** Resolves with the asset once it is ready; rejects with `SluiceAssetError` when it failed or was cancelled. */
  waitUntilReady(id: string, options: WaitOptions = {}): Promise<api.Asset> {
    return waitFor(this.#http, id, options)
  }
}
