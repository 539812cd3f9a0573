import { findUpload, type Upload } from '../../core/db/uploads.ts'
import { SluiceError } from '../../core/errors.ts'
import { isId } from '../../core/ids.ts'
import type { Caller } from '../auth/caller.ts'
import { mayTouch } from '../auth/token-terms.ts'
import type { ApiHouse } from '../house.ts'

export type ChunkUpload = Upload & { protocol: 'chunks' | 'direct'; bytes: number }

type Named = { id: string; caller: Pick<Caller, 'tenant' | 'uploadToken'> }

/** The upload that an address names, unless it has ended for nothing. Another tenant's is as absent as one that never was. */
export async function theUpload(house: Pick<ApiHouse, 'db'>, { id, caller }: Named): Promise<ChunkUpload> {
  const upload = isId(id) ? await findUpload(house.db, { id, tenant: caller.tenant }) : undefined
  if (upload === undefined || !isOurs(upload)) throw noUpload(id)
  if (!mayTouch(caller, { assetId: upload.asset_id, tokenId: upload.token_id })) throw noUpload(id)
  if (upload.status === 'gone') throw uploadOver(upload.id)
  return upload
}

/** What tus brings has addresses of its own. */
const isOurs = (upload: Upload): upload is ChunkUpload =>
  (upload.protocol === 'chunks' || upload.protocol === 'direct') && upload.bytes !== null

/** The same, where it must still take bytes, and this way. */
export async function openUpload(
  house: Pick<ApiHouse, 'db'>,
  { protocol, ...named }: Named & { protocol: ChunkUpload['protocol'] },
): Promise<ChunkUpload> {
  const upload = await theUpload(house, named)
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
