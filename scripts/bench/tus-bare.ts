import { FileStore } from '@tus/file-store'
import { Server } from '@tus/server'
import { freePort } from '../../core/db/embedded/free-port.ts'
import { aborted, listenForStopAsChild } from '../../core/stop-signal.ts'

/** @tus/server with its own store on a folder, as its README has it: a process for the bench to measure against. */
const [directory = ''] = process.argv.slice(2)
const server = new Server({ path: '/files', datastore: new FileStore({ directory }) })
const port = await freePort()
const listening = server.listen({ host: '127.0.0.1', port }, () => process.send?.(`http://127.0.0.1:${port}/files`))
const stopping = listenForStopAsChild()
await aborted(stopping.stop)
stopping.release()
listening.closeAllConnections()
listening.close()
