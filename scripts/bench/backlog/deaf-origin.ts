import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'

/** Takes every connection and never says a word. */
export async function deafOrigin() {
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('error', () => socket.destroy()).on('close', () => open.delete(socket))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the origin has no port')
  return {
    address: (n: number) => `http://127.0.0.1:${address.port}/${n}.mp4`,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      server.close()
    },
  }
}
