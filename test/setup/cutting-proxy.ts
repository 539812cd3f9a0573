import { connect, createServer, type Socket } from 'node:net'
import { listenLocally } from '../../scripts/servers/listen.ts'
import { atEnd } from './at-end.ts'

/**
 * Stands in front of several servers and uses one of them at a time. When so many bytes in all have come from clients, it
 * cuts the connection and goes over to the next server. Every other cut leaves the server none the wiser: for it, the
 * client has merely fallen silent.
 */
export async function cuttingProxy({ targets, cuts }: { targets: string[]; cuts: number[] }) {
  const ahead = cuts.toSorted((a, b) => a - b)
  const silent: Socket[] = []
  let passed = 0
  let made = 0
  const server = createServer((client) => {
    const upstream = connect({ host: '127.0.0.1', port: portOf(targets[made % targets.length] ?? '') })
    const close = () => {
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) socket.on('error', () => undefined)
    upstream.pipe(client)
    upstream.on('close', () => client.destroy())
    client.on('close', () => {
      if (!silent.includes(upstream)) upstream.destroy()
    })
    client.on('data', (chunk: Buffer) => {
      const next = ahead[0]
      if (next === undefined || passed + chunk.byteLength < next) {
        passed += chunk.byteLength
        if (!upstream.write(chunk)) {
          client.pause()
          upstream.once('drain', () => client.resume())
        }
        return
      }
      ahead.shift()
      upstream.write(chunk.subarray(0, next - passed))
      passed = next
      if (made++ % 2 === 0) return close()
      silent.push(upstream)
      client.destroy()
    })
  })
  const port = await listenLocally(server)
  atEnd(async () => {
    for (const socket of silent) socket.destroy()
    server.close()
  })
  return { url: `http://127.0.0.1:${port}`, cutsMade: () => made }
}

const portOf = (url: string) => Number(new URL(url).port)
