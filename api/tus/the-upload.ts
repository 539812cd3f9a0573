import { findUpload, type Upload } from '../../core/db/uploads.ts'
import { SluiceError } from '../../core/errors.ts'
import { isId } from '../../core/ids.ts'
import { mayTouch } from '../auth/token-terms.ts'
import type { TusCall } from './call.ts'

/** The upload that an address names, unless it has ended for nothing. Another tenant's is as absent as one that never was. */
export async function theTusUpload({ house, caller, id }: Pick<TusCall, 'house' | 'caller' | 'id'>): Promise<Upload> {
  const upload = isId(id) ? await findUpload(house.db, { id, tenant: caller.tenant }) : undefined
  const isTheirs = upload !== undefined && isTus(upload) && mayTouch(caller, theirs(upload))
  if (!isTheirs) throw noUpload(id)
  if (upload.status === 'gone') throw uploadOver(id)
  return upload
}

const theirs = ({ asset_id, token_id }: Upload) => ({ assetId: asset_id, tokenId: token_id })

/** Chunks and parts have addresses of their own. */
const isTus = ({ protocol }: Upload): boolean => protocol === 'tus' || protocol === 'partial'

export const isWhole = ({ received, bytes }: Upload): boolean => received === bytes

const noUpload = (id: string) =>
  new SluiceError('not_found', { message: `no tus upload ${id}`, publicMessage: 'There is no upload with this id.' })

export const uploadOver = (id: string) => new SluiceError('upload_expired', { message: `upload ${id} is over` })
