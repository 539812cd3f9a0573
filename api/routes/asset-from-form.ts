import { randomBytes } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { Accepted } from '../../core/accept.ts'
import { findAsset } from '../../core/db/assets.ts'
import { nothingToTakeBack, promiseToTakeBack } from '../../core/db/form-strays.ts'
import { foreseeQuotas } from '../../core/db/quotas.ts'
import { SluiceError } from '../../core/errors.ts'
import { privateObject, sourceKey } from '../../core/storage/keys.ts'
import { accept } from '../accept.ts'
import type { Caller } from '../auth/caller.ts'
import { checkDeclaredType, checkUnused, mostBytes, wishesOf } from '../auth/token-terms.ts'
import type { ApiHouse } from '../house.ts'
import { invalid } from '../parse.ts'
import { readForm } from '../read-form.ts'

type Form = { request: FastifyRequest; gone: AbortSignal; id: string; caller: Caller }

/** Streams a form's file to storage, and only then makes the asset. Whatever goes wrong on the way, no stored byte is left behind. */
export async function assetFromForm(house: ApiHouse, { request, gone, id, caller }: Form): Promise<Accepted> {
  const { tenant } = caller
  const maxBytes = mostBytes(caller, house.config.MAX_FORM_BYTES)
  checkUnused(caller, id)
  refuseTooLarge(request, maxBytes)
  await house.storage.needRoom()
  await foreseeQuotas(house.db, { tenant, quotas: house.config, bytes: Number(request.headers['content-length'] ?? 0) })
  const attempt = request.once && randomBytes(4).toString('hex')
  let key: string | undefined
  try {
    const form = await readForm(request, async (part) => {
      checkDeclaredType(caller, part.mimetype)
      await promiseToTakeBack(house.db, { id, tenant })
      key = sourceKey({ tenant, id }, part.filename, attempt)
      return house.storage.put(key, part.file, { ...privateObject, maxBytes, signal: gone })
    })
    if (form.stored.bytes === 0) throw invalid([{ path: 'file', message: 'is empty' }])
    const { filename, stored } = form
    await request.once?.settle({ fields: form.fields, filename, bytes: stored.bytes, sha256: stored.sha256 })
    const source = { type: 'upload' as const, filename, key: stored.key, bytes: stored.bytes, sha256: stored.sha256 }
    const accepted = await accept(house, { id, ...wishesOf(caller, form.fields), source }, (trx) =>
      nothingToTakeBack(trx, id),
    )
    if (!accepted.created) await house.storage.delete([stored.key])
    if (!accepted.created) await nothingToTakeBack(house.db, id)
    return accepted
  } catch (error) {
    if (key !== undefined) await discard(house, { id, tenant, key })
    throw error
  }
}

/** Only what no asset holds: a commit whose answer was lost may have made one. In doubt the bytes stay, since losing them is worse. */
async function discard(house: ApiHouse, upload: { id: string; tenant: string; key: string }): Promise<void> {
  try {
    if ((await findAsset(house.db, upload))?.source_key === upload.key) return
    await house.storage.delete([upload.key])
    await nothingToTakeBack(house.db, upload.id)
  } catch (err) {
    house.log.warn({ err, key: upload.key }, 'the bytes of a failed upload were left behind')
  }
}

/** A length that is said beforehand is believed before a byte is read; the form's own wrapping gets a little room. */
function refuseTooLarge(request: FastifyRequest, maxBytes: number): void {
  const said = Number(request.headers['content-length'] ?? 0)
  if (said <= maxBytes + 1024 * 1024) return
  throw new SluiceError('too_large', {
    message: `form of ${said} bytes`,
    publicMessage: `A form may carry at most ${maxBytes} bytes.`,
  })
}
