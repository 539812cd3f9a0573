import { readdir, readFile, readlink } from 'node:fs/promises'
import { createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { asErrno } from '../../core/db/embedded/errno.ts'
import { isRunning } from '../../core/db/embedded/processes.ts'
import { supervisorMark } from './child-environment.ts'

/** Undefined when the port is free; else a word on who has it. The API of a start that was killed gets the time to leave. */
export async function whoHasPort({ host, port }: { host: string; port: number }): Promise<string | undefined> {
  const deadline = performance.now() + 20_000
  for (;;) {
    const code = await tryListen({ host, port })
    if (code === undefined) return undefined
    if (code !== 'EADDRINUSE') return `it may not be used (${code})`
    const owner = process.platform === 'linux' ? await findListener(port) : undefined
    if (owner === undefined) return 'another program listens there'
    if (!(await isOrphan(owner.pid)) || performance.now() > deadline)
      return `process ${owner.pid} listens there (${owner.command})`
    await pause(100)
  }
}

async function isOrphan(pid: number): Promise<boolean> {
  const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
  const mark = environment.split('\0').find((line) => line.startsWith(`${supervisorMark}=`))
  return mark !== undefined && !(await isRunning(Number(mark.slice(supervisorMark.length + 1))))
}

function tryListen({ host, port }: { host: string; port: number }): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error) => resolve(asErrno(error) ?? error.message))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}

/** The kernel lists listening sockets by number; the process that has that number open is the one. */
async function findListener(port: number): Promise<{ pid: number; command: string } | undefined> {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')))
  const rows = tables.flatMap((table) => table.split('\n').map((line) => line.trim().split(/\s+/)))
  const sockets = rows
    .filter((row) => row[1]?.endsWith(`:${hex}`) && row[3] === '0A')
    .map((row) => `socket:[${row[9]}]`)
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const files = await readdir(`/proc/${pid}/fd`).catch(() => [])
    const links = await Promise.all(files.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')))
    if (!links.some((link) => sockets.includes(link))) continue
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    return { pid: Number(pid), command: command.replaceAll('\0', ' ').trim().slice(0, 80) }
  }
  return undefined
}
