import { createServer } from 'node:net'
import { listenLocally } from '../../scripts/servers/listen.ts'

/** A stranger's server that says of the file `/?n` what it likes, in bytes that no careful server would send. */
export async function origin(disposition: (n: number) => string): Promise<{ address: string; close(): Promise<void> }> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.once('data', (request) => {
      const [, n] = /^GET \/\?(\d+)/.exec(request.toString('latin1')) ?? []
      const head = [
        'HTTP/1.1 200 OK',
        'content-length: 1',
        `content-disposition: attachment; ${disposition(Number(n))}`,
      ]
      socket.end(Buffer.from(`${head.join('\r\n')}\r\n\r\nx`))
    })
  })
  const port = await listenLocally(server)
  return {
    address: `http://127.0.0.1:${port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
