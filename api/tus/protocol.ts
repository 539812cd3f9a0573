import { ERRORS, Server } from '@tus/server'
import type { ErrorCode } from '../../core/error-codes.ts'
import { SluiceError } from '../../core/errors.ts'
import { headerOf, type TusCall, tusPath } from './call.ts'
import { sizeLimit } from './create.ts'
import { lockerFor } from './locker.ts'
import type { TusStore } from './store.ts'

/** What @tus/server makes of a request: it knows the order of things, what the headers must say, and how they agree. */
export async function runProtocol(call: TusCall, store: TusStore): Promise<Response> {
  let failure: unknown
  const server = new Server({
    path: tusPath,
    relativeLocation: true,
    datastore: store,
    locker: lockerFor(call),
    maxSize: () => sizeLimit(call),
    namingFunction: () => call.id,
    onResponseError(_request, error) {
      failure = error
      return undefined
    },
  })
  const response = await server.handleWeb(asWebRequest(call))
  if (failure !== undefined) throw inOurWords(failure)
  if (response.status >= 400) throw refusal({ status: response.status, said: await response.text() })
  return response
}

const headersOfTus = [
  ...['tus-resumable', 'upload-length', 'upload-defer-length', 'upload-offset', 'upload-metadata'],
  ...['content-type', 'content-length'],
]

/** Without its body, which `store.write` reads itself, and without what is none of the protocol's business. */
function asWebRequest({ request, method, upload }: TusCall): Request {
  const headers = new Headers()
  for (const name of headersOfTus) {
    const value = headerOf(request, name)
    if (value !== undefined) headers.set(name, value)
  }
  // The host is a stranger's word: none of it is used.
  const url = upload === undefined ? `http://tus${tusPath}` : `http://tus${tusPath}/${upload.id}`
  return new Request(url, { method, headers })
}

const codes: Record<number, ErrorCode> = {
  404: 'not_found',
  409: 'offset_mismatch',
  410: 'upload_expired',
  412: 'tus_version',
  413: 'too_large',
}

type Refusal = { status_code: number; body: string }
const isRefusal = (thrown: unknown): thrown is Refusal =>
  typeof thrown === 'object' && thrown !== null && 'status_code' in thrown && 'body' in thrown

/** @tus/server throws plain objects of its own, and lets through what our store throws. */
function inOurWords(thrown: unknown): unknown {
  if (thrown === ERRORS.ABORTED) return new SluiceError('upload_interrupted', { message: 'the request was given up' })
  return isRefusal(thrown) ? refusal({ status: thrown.status_code, said: thrown.body }) : thrown
}

function refusal({ status, said }: { status: number; said: string }): SluiceError {
  const publicMessage = said.trim()
  return new SluiceError(codes[status] ?? 'invalid_request', {
    message: `tus ${status}: ${publicMessage}`,
    publicMessage,
  })
}
