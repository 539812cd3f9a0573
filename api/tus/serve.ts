import type { FastifyReply, FastifyRequest } from 'fastify'
import { abandonUpload } from '../../core/db/asset-endings.ts'
import type { Upload } from '../../core/db/uploads.ts'
import { SluiceError } from '../../core/errors.ts'
import { newId } from '../../core/ids.ts'
import { callerForUpload } from '../auth/authenticate.ts'
import { callerGone } from '../caller-gone.ts'
import { idFor } from '../once/once.ts'
import { factsOf, sayWhatWeCan, sendAnswer } from './answer.ts'
import { bringsBytes, bytesType, headerOf, type TusCall, type TusHouse, tusPath } from './call.ts'
import { checksumOf } from './checksum.ts'
import { concatOf } from './concat.ts'
import { createFinal } from './create-final.ts'
import { hangUpUnlessRead } from './hang-up.ts'
import { methodOf, type TusMethod } from './method.ts'
import { runProtocol } from './protocol.ts'
import { TusStore } from './store.ts'
import { theTusUpload } from './the-upload.ts'

type Asked = {
  request: FastifyRequest
  reply: FastifyReply /** The upload that the address names; undefined where uploads are made. */
  id: string | undefined
}

/** Every request of tus: what it may do is decided here, the rest by the protocol and our store. */
export async function serveTus(house: TusHouse, { request, reply, id }: Asked): Promise<FastifyReply> {
  const method = methodAt(request, reply, id)
  if (method === 'OPTIONS') return sayWhatWeCan(reply, { maxBytes: house.config.MAX_UPLOAD_BYTES })
  refuseOtherVersion(request, reply)
  const caller = await callerForUpload(house, request)
  const upload = id === undefined ? undefined : await theTusUpload({ house, caller, id })
  const stop = new AbortController()
  const call = {
    house,
    request,
    reply,
    method,
    caller,
    id: upload?.id ?? idOfNew(request),
    upload,
    stop,
    gone: callerGone(reply),
  }
  refuseWhatCannotBe(call)
  const concat = method === 'POST' ? concatOf(call) : undefined
  if (typeof concat === 'object') return sendFinal(reply, await createFinal(call, concat))
  return run(call)
}

/** Parts are nothing by themselves: one that was made in vain expires. */
const idOfNew = (request: FastifyRequest) =>
  headerOf(request, 'upload-concat') === 'partial' ? newId() : idFor(request)

const atUpload = ['HEAD', 'PATCH', 'DELETE', 'OPTIONS'] as const
const atEndpoint = ['POST', 'OPTIONS'] as const

/** GET is among neither: what was uploaded is played, and its source is nobody's to download. */
function methodAt(request: FastifyRequest, reply: FastifyReply, id: string | undefined): TusMethod {
  const method = methodOf(request)
  const allowed: readonly TusMethod[] = id === undefined ? atEndpoint : atUpload
  if (method !== undefined && allowed.includes(method)) return method
  reply.header('allow', allowed.join(', '))
  throw new SluiceError('method_not_allowed', { message: `${method ?? request.method} at ${request.url}` })
}

function refuseOtherVersion(request: FastifyRequest, reply: FastifyReply): void {
  const version = request.headers['tus-resumable']
  if (version === '1.0.0') return
  reply.header('tus-version', '1.0.0')
  throw new SluiceError('tus_version', { message: `Tus-Resumable: ${version}` })
}

function refuseWhatCannotBe(call: TusCall): void {
  const { request, method, upload } = call
  if (method === 'PATCH' && request.headers['content-type'] !== bytesType)
    throw new SluiceError('unsupported_media_type', {
      message: `PATCH with ${request.headers['content-type']}`,
      publicMessage: `A PATCH has the type ${bytesType}.`,
    })
  if (bringsBytes(call)) checksumOf(request.headers['upload-checksum'])
  const isFinal = upload !== undefined && upload.concat !== null
  const isOver = upload?.status === 'done' && method === 'DELETE'
  if (isOver || (isFinal && method === 'PATCH'))
    throw new SluiceError('upload_finished', { message: `${method} of finished upload ${upload.id}` })
}

async function run(call: TusCall): Promise<FastifyReply> {
  const { house, reply, method } = call
  const store = new TusStore(call)
  const onClosing = () => call.stop.abort(house.closing.reason)
  house.closing.addEventListener('abort', onClosing, { once: true })
  try {
    const response = await runProtocol(call, store)
    hangUpUnlessRead(call)
    return sendAnswer(reply, { method, response, upload: store.upload })
  } catch (error) {
    await forgetUnheard(call, store)
    hangUpUnlessRead(call)
    throw error
  } finally {
    house.closing.removeEventListener('abort', onClosing)
  }
}

/** One that was just made, whose address its client will never hear, nobody can go on with. */
async function forgetUnheard({ house, caller }: TusCall, { created }: TusStore): Promise<void> {
  if (created === undefined || created.findable || created.resumed) return
  const { id } = created.upload
  await abandonUpload(house.db, { id, tenant: caller.tenant }).catch((err: unknown) =>
    house.log.warn({ err, uploadId: id }, 'an upload whose address nobody heard is left to expire'),
  )
}

function sendFinal(reply: FastifyReply, upload: Upload): FastifyReply {
  return reply
    .headers({ ...factsOf(upload), location: `${tusPath}/${upload.id}`, 'upload-offset': upload.received })
    .status(201)
    .send()
}
