import { createServer, type Socket } from 'node:net'
import { listenLocally } from '../../servers/listen.ts'

/** Takes every connection and never says a word. */
export async function deafOrigin() {
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('error', () => socket.destroy()).on('close', () => open.delete(socket))
  })
  const port = await listenLocally(server)
  return {
    address: (n: number) => `http://127.0.0.1:${port}/${n}.mp4`,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      server.close()
    },
  }
}
