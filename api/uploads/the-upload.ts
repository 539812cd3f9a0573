import { findUpload, type Upload } from '../../core/db/uploads.ts'
import { SluiceError } from '../../core/errors.ts'
import { isId } from '../../core/ids.ts'
import type { ApiHouse } from '../house.ts'

export type ChunkUpload = Upload & { protocol: 'chunks' | 'direct'; bytes: number }

/** The upload that an address names, unless it has ended for nothing. Another tenant's is as absent as one that never was. */
export async function theUpload(
  house: Pick<ApiHouse, 'db'>,
  key: { id: string; tenant: string },
): Promise<ChunkUpload> {
  const upload = isId(key.id) ? await findUpload(house.db, key) : undefined
  if (upload === undefined || !isOurs(upload)) throw noUpload(key.id)
  if (upload.status === 'gone') throw uploadOver(upload.id)
  return upload
}

/** What tus brings has addresses of its own. */
const isOurs = (upload: Upload): upload is ChunkUpload =>
  (upload.protocol === 'chunks' || upload.protocol === 'direct') && upload.bytes !== null

/** The same, where it must still take bytes, and this way. */
export async function openUpload(
  house: Pick<ApiHouse, 'db'>,
  { protocol, ...key }: { id: string; tenant: string; protocol: ChunkUpload['protocol'] },
): Promise<ChunkUpload> {
  const upload = await theUpload(house, key)
  if (upload.protocol !== protocol) throw conflict(`This upload goes by ${words[upload.protocol]}.`)
  if (upload.status === 'done') throw conflict('This upload is complete.')
  return upload
}

const words = { chunks: 'chunks', direct: 'parts' }

export const conflict = (publicMessage: string, members?: Record<string, unknown>) =>
  new SluiceError('conflict', { message: publicMessage, publicMessage, ...(members ? { members } : {}) })

const noUpload = (id: string) =>
  new SluiceError('not_found', { message: `no upload ${id}`, publicMessage: 'There is no upload with this id.' })

export const uploadOver = (id: string) => new SluiceError('upload_expired', { message: `upload ${id} is over` })
