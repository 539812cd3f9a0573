import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { freePort } from '../../core/db/embedded/free-port.ts'
import { atEnd } from './at-end.ts'

/** One request, as a script sees it. `nth` counts those of its kind, from 1. */
export type Asked = { what: string; key: string; nth: number }

/** What becomes of it, in place of the truth. */
export type Lie =
  | { say: number; code?: string; body?: string }
  | 'hang'
  | 'reset'
  /** Passed on with another header in its answer. */
  | { tag: string }
  /** So many bytes of the answer, and then nothing: the connection is cut, or falls silent. */
  | { cutAfter: number }
  | { silentAfter: number }

export type LyingStore = {
  url: string
  asked: string[]
  /** What becomes of each request from now on; undefined tells the truth. */
  script(lies?: (asked: Asked) => Lie | undefined): void
  /** Nothing listens there any more, and what was under way is cut. */
  goAway(): Promise<void>
  comeBack(): Promise<void>
}

/** Stands in front of a real store, and lies about it by a script. Signatures hold, since nothing of a request is changed. */
export async function lyingStore({ endpoint }: { endpoint: string }): Promise<LyingStore> {
  const port = await freePort()
  const sockets = new Set<Socket>()
  const counts = new Map<string, number>()
  const asked: string[] = []
  let lies: (asked: Asked) => Lie | undefined = () => undefined
  const server = createServer((incoming, answer) => {
    const { what, key } = nameOf(incoming)
    const nth = (counts.get(what) ?? 0) + 1
    counts.set(what, nth)
    asked.push(`${what} ${key}`)
    void tell({ endpoint, incoming, answer, lie: lies({ what, key, nth }) })
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
  })
  const goAway = async () => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  const comeBack = async () => {
    if (!server.listening) await once(server.listen(port, '127.0.0.1'), 'listening')
  }
  await comeBack()
  atEnd(goAway)
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    script(next = () => undefined) {
      counts.clear()
      asked.length = 0
      lies = next
    },
    goAway,
    comeBack,
  }
}

/** What S3 calls it, and the key without its bucket. */
function nameOf({ method = '', url = '', headers }: IncomingMessage): { what: string; key: string } {
  const { pathname, searchParams: query } = new URL(url, 'http://store')
  const key = decodeURIComponent(pathname.split('/').slice(2).join('/'))
  const kind = {
    PUT: query.has('partNumber') ? 'UploadPart' : headers['x-amz-copy-source'] ? 'CopyObject' : 'PutObject',
    POST: query.has('uploads')
      ? 'CreateMultipartUpload'
      : query.has('delete')
        ? 'DeleteObjects'
        : 'CompleteMultipartUpload',
    GET: query.has('list-type') ? 'ListObjects' : query.has('uploads') ? 'ListMultipartUploads' : 'GetObject',
    DELETE: query.has('uploadId') ? 'AbortMultipartUpload' : 'DeleteObject',
    HEAD: 'HeadObject',
  }[method]
  return { what: kind ?? method, key }
}

type Telling = { endpoint: string; incoming: IncomingMessage; answer: ServerResponse; lie: Lie | undefined }

async function tell({ endpoint, incoming, answer, lie }: Telling): Promise<void> {
  incoming.on('error', () => undefined)
  answer.on('error', () => undefined)
  if (lie === 'reset')
    return void incoming
      .once('data', () => incoming.socket.resetAndDestroy())
      .once('end', () => incoming.socket.resetAndDestroy())
  if (lie === 'hang') return void incoming.resume()
  if (typeof lie === 'object' && 'say' in lie) {
    const body = lie.body ?? `<Error><Code>${lie.code ?? 'InternalError'}</Code></Error>`
    return void incoming
      .resume()
      .on('end', () =>
        answer.writeHead(lie.say, { 'content-type': 'application/xml' }).end(`<?xml version="1.0"?>${body}`),
      )
  }
  const { hostname, port } = new URL(endpoint)
  const { method, url: path, headers } = incoming
  const onward = request({ hostname, port, method, path, headers, agent: false })
  onward.on('error', () => incoming.socket.destroy())
  answer.on('close', () => onward.destroy())
  incoming.pipe(onward)
  onward.on('response', (truth) => {
    const tag = typeof lie === 'object' && 'tag' in lie ? { etag: lie.tag } : {}
    answer.writeHead(truth.statusCode ?? 502, { ...truth.headers, ...tag })
    truth.on('error', () => answer.destroy())
    if (typeof lie === 'object' && ('cutAfter' in lie || 'silentAfter' in lie)) return void cutShort(truth, answer, lie)
    truth.pipe(answer)
  })
}

function cutShort(truth: IncomingMessage, answer: ServerResponse, lie: { cutAfter: number } | { silentAfter: number }) {
  const most = 'cutAfter' in lie ? lie.cutAfter : lie.silentAfter
  let passed = 0
  truth.on('data', (chunk: Buffer) => {
    if (passed >= most) return
    answer.write(chunk.subarray(0, most - passed))
    passed += chunk.byteLength
    if (passed >= most && 'cutAfter' in lie) setImmediate(() => answer.destroy())
  })
}
