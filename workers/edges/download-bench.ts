import { createServer, type RequestListener } from 'node:http'
import { createServer as createTcp, type Server } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { afterEach } from 'vitest'
import { SluiceError } from '../../core/errors.ts'
import { download, type Sink } from './download.ts'

const open: { close(): void }[] = []
afterEach(() => {
  for (const one of open.splice(0)) one.close()
})

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** A stranger's server: its address, what allows it, and the paths it was asked for. */
export async function origin(listener: RequestListener) {
  const asked: { url: string | undefined; headers: Record<string, unknown> }[] = []
  const server = createServer((request, response) => {
    asked.push({ url: request.url, headers: request.headers })
    listener(request, response)
  })
  const port = await listen(server)
  open.push({
    close() {
      server.closeAllConnections()
      server.close()
    },
  })
  return { port, asked, base: `http://127.0.0.1:${port}`, allow: [`127.0.0.1:${port}`] }
}

/** Answers every connection with these very bytes, then hangs up unless told to hold; or with the same again and again, until the other side has enough. */
export async function rawOrigin(answer: string, { hold = false, repeat = '' } = {}) {
  const server = createTcp((socket) => {
    socket.on('error', () => socket.destroy())
    socket.once('data', () => (hold || repeat ? socket.write(answer) : socket.end(answer)))
    const timer = repeat === '' ? undefined : setInterval(() => socket.writable && socket.write(repeat), 5)
    socket.once('close', () => clearInterval(timer))
    open.push({ close: () => socket.destroy() })
  })
  const port = await listen(server)
  open.push({ close: () => server.close() })
  return { base: `http://127.0.0.1:${port}`, allow: [`127.0.0.1:${port}`] }
}

/** Listens on loopback and must never hear anybody. */
export async function canary() {
  let connections = 0
  const server = createTcp((socket) => {
    connections++
    socket.destroy()
  })
  const port = await listen(server)
  open.push({ close: () => server.close() })
  return { port, connections: () => connections }
}

const intoMemory: Sink<{ body: Buffer }> = async (body) => ({ body: await buffer(body) })
export const fetchFrom = (options: Partial<Parameters<typeof download<{ body: Buffer }>>[0]> & { url: string }) =>
  download({
    allow: [],
    into: intoMemory,
    signal: new AbortController().signal,
    ...options,
    limits: { maxBytes: 10_000_000, ...options.limits },
  })
export const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => 'fetched',
    (error: unknown) => (error instanceof SluiceError ? error.code : error),
  )
