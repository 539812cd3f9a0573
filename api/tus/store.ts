import type { Readable } from 'node:stream'
import { DataStore, Upload as TusUpload } from '@tus/server'
import { abandonUpload } from '../../core/db/asset-endings.ts'
import { declareBytes, type Upload } from '../../core/db/uploads.ts'
import type { TusCall } from './call.ts'
import { type Created, createUpload, refuseEmpty } from './create.ts'
import { finish } from './finish.ts'
import { movedOn, receive } from './receive.ts'
import { isWhole, theTusUpload, uploadOver } from './the-upload.ts'

/** Uploads as @tus/server wants them, over our rows and storage that grows; one for each request, because it knows who calls. */
export class TusStore extends DataStore {
  /** As far as this request has come. */
  upload: Upload | undefined
  created: Created | undefined
  readonly #call: TusCall

  constructor(call: TusCall) {
    super()
    this.#call = call
    this.upload = call.upload
    this.extensions = ['creation', 'creation-with-upload', 'creation-defer-length', 'termination']
  }

  override async create(asked: TusUpload): Promise<TusUpload> {
    this.created = await createUpload(this.#call, asked.size)
    this.upload = this.created.upload
    // Its address is made of this; it may be the one of an upload that is under way.
    asked.id = this.upload.id
    return asked
  }

  /** Under the lock, where there is one. */
  override async getUpload(id: string): Promise<TusUpload> {
    const upload = await theTusUpload({ ...this.#call, id })
    this.upload = upload.status === 'open' && isWhole(upload) ? await this.#finish(upload) : upload
    return tusUpload(this.upload)
  }

  /** The stream that it is given stays empty: bytes go from the socket to storage, past the copies that web streams make. */
  override async write(unused: Readable, id: string, offset: number): Promise<number> {
    unused.resume()
    const { upload } = this
    if (upload === undefined || this.created?.resumed || upload.status === 'done') return upload?.received ?? offset
    const received = await receive(this.#call, { id, offset })
    this.upload = isWhole(received.upload) ? await this.#finish(received.upload, received.sha256) : received.upload
    return this.upload.received
  }

  override async declareUploadLength(id: string, bytes: number): Promise<void> {
    if (this.upload?.protocol === 'tus') refuseEmpty(bytes)
    if (await declareBytes(this.#call.house.db, { id, bytes })) return
    const now = await theTusUpload({ ...this.#call, id })
    throw movedOn(now)
  }

  /** What storage holds of it is taken back by a worker. */
  override async remove(id: string): Promise<void> {
    const { house, caller } = this.#call
    if (!(await abandonUpload(house.db, { id, tenant: caller.tenant }))) throw uploadOver(id)
  }

  async #finish(upload: Upload, sha256?: string): Promise<Upload> {
    await finish(this.#call, upload, sha256)
    return upload.protocol === 'partial' ? upload : { ...upload, status: 'done' }
  }
}

function tusUpload(upload: Upload): TusUpload {
  const size = upload.bytes === null ? {} : { size: upload.bytes }
  return new TusUpload({
    id: upload.id,
    offset: upload.received,
    creation_date: upload.created_at.toISOString(),
    ...size,
  })
}
