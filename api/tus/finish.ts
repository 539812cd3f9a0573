import type { Upload } from '../../core/db/uploads.ts'
import { faultPoint } from '../../core/fault-point.ts'
import { finishUpload } from '../../core/uploads/finish-upload.ts'
import { keepPart } from '../../core/uploads/keep-part.ts'
import type { TusCall } from './call.ts'

/** The last byte is safe: the upload becomes its asset's source, or a part that waits for the others. */
export async function finish(
  { house, caller }: Pick<TusCall, 'house' | 'caller'>,
  upload: Upload,
  sha256?: string,
): Promise<void> {
  faultPoint('last-byte-safe')
  if (upload.protocol === 'partial') return keepPart(house, upload)
  const reminders = await finishUpload(house, upload, { sha256, cause: caller.cause })
  faultPoint('upload-committed')
  house.push.push(reminders)
}
