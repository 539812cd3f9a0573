import type { NewAsset } from '../../core/accept.ts'
import { SluiceError } from '../../core/errors.ts'
import { isAcceptedType, saysSomething, typeNotAccepted } from '../../core/media/accepted-types.ts'
import { invalid } from '../parse.ts'
import type { Caller } from './caller.ts'

type Wishes = Omit<NewAsset, 'id' | 'tenant' | 'source' | 'token'>

/** What the caller wishes for an asset, as far as it is theirs to say: what an upload token says wins, and what is the backend's to decide is refused. */
export function wishesOf(caller: Caller, wishes: Wishes): Wishes & Pick<NewAsset, 'tenant' | 'token' | 'cause'> {
  const { tenant, cause, uploadToken: token } = caller
  if (token === undefined) return { ...wishes, tenant, cause }
  const foreign = (['externalId', 'priority', 'webhookUrl'] as const).filter((name) => wishes[name] !== undefined)
  if (foreign.length > 0)
    throw invalid(foreign.map((path) => ({ path, message: 'is not for the holder of an upload token to say' })))
  return {
    ...wishes,
    tenant,
    cause,
    profile: token.profile ?? wishes.profile,
    metadata: { ...wishes.metadata, ...token.metadata },
    token: { id: token.id, accept: token.accept },
  }
}

/** How many bytes this caller may send, where anybody may send `limit`. */
export const mostBytes = ({ uploadToken }: Caller, limit: number) => Math.min(limit, uploadToken?.maxBytes ?? limit)

/** A type that was named beforehand and will not do is refused before its bytes come. What the bytes are is found out later. */
export function checkDeclaredType({ uploadToken }: Caller, mime: string | undefined): void {
  if (uploadToken?.accept === undefined || !saysSomething(mime)) return
  if (isAcceptedType(uploadToken.accept, { mime })) return
  throw typeNotAccepted(mime, uploadToken.accept)
}

/** A token that has made its upload makes no other: said before any byte is read. The transaction that claims it has the last word. The same upload tried again (`id`) is no other. */
export function checkUnused({ uploadToken }: Caller, id?: string): void {
  if (uploadToken?.assetId === undefined || uploadToken.assetId === id) return
  throw new SluiceError('upload_token_used', { message: `upload token ${uploadToken.id} made another upload before` })
}

/** Whether an upload is this caller's to touch. Its tenant was looked at before; the holder of a token has only what the token made. */
export function mayTouch(
  { uploadToken }: Pick<Caller, 'uploadToken'>,
  upload: { assetId: string | null; tokenId: string | null },
): boolean {
  if (uploadToken === undefined) return true
  return upload.tokenId === uploadToken.id || (upload.assetId !== null && upload.assetId === uploadToken.assetId)
}
