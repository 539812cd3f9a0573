import { connect } from 'node:net'
import { freePort } from '../../core/db/embedded/free-port.ts'
import { findCommand } from './find-command.ts'
import { type Server, spawnServer } from './spawn-server.ts'

/** A Redis (or Valkey) for tests, as BullMQ wants it: nothing is ever evicted. */
export async function startRedis({
  folder,
  port: wanted,
}: {
  folder: string
  port?: number
}): Promise<Server & { url: string }> {
  const command = findCommand('redis-server', 'valkey-server')
  if (command === undefined) throw new Error('redis-server is not installed; try: apt-get install redis-server')
  const port = wanted ?? (await freePort())
  const settings = {
    bind: '127.0.0.1',
    port: String(port),
    dir: folder,
    save: '',
    appendonly: 'no',
    'maxmemory-policy': 'noeviction',
  }
  const server = await spawnServer({
    name: 'redis',
    argv: [command, ...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])],
    folder,
    isReady: () => answersPing(port),
  })
  return { ...server, url: `redis://127.0.0.1:${port}` }
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'))
    socket.once('data', (data) => {
      socket.destroy()
      resolve(data.toString().startsWith('+PONG'))
    })
    socket.once('error', () => resolve(false))
  })
}
