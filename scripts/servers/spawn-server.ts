import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { waitUntil } from '../../core/db/embedded/wait-until.ts'
import { findCommand } from './find-command.ts'

export type Server = { pid: number; stop(): Promise<void> }

/** Starts a server for tests and waits until it answers. It dies with this process, however that ends, where the system can do that. */
export async function spawnServer(options: {
  name: string
  argv: string[]
  folder: string
  isReady: () => Promise<boolean>
  timeoutMs?: number
  /** What a server loses by SIGKILL is not missed where its folder is thrown away; some take seconds to end otherwise. */
  endWith?: 'SIGTERM' | 'SIGKILL'
}): Promise<Server> {
  await mkdir(options.folder, { recursive: true })
  const logFile = join(options.folder, `${options.name}.log`)
  const tie = process.platform === 'linux' ? findCommand('setpriv') : undefined
  const [file = '', ...args] = [...(tie ? [tie, '--pdeathsig', 'KILL', '--'] : []), ...options.argv]
  const child = spawn(file, args, { cwd: options.folder, stdio: ['ignore', 'pipe', 'pipe'], env: serverEnvironment() })
  const log = createWriteStream(logFile)
  child.stdout?.pipe(log, { end: false })
  child.stderr?.pipe(log, { end: false })
  child.once('close', () => log.end())
  const ended = whenEnded(child)
  let end: string | undefined
  ended.then((reason) => {
    end = reason
  })
  try {
    await waitUntil({
      what: `The start of ${options.name}`,
      timeoutMs: options.timeoutMs ?? 30_000,
      ask: async () => {
        if (end !== undefined) throw new Error(`${options.name} ended: ${end}`)
        return (await options.isReady()) ? true : undefined
      },
    })
  } catch (error) {
    child.kill('SIGKILL')
    await ended
    const said = (await readFile(logFile, 'utf8')).trim().slice(-2000)
    throw new Error(`${options.name} did not start: ${said}`, { cause: error })
  }
  return { pid: child.pid ?? 0, stop: () => stopChild({ child, ended, signal: options.endWith ?? 'SIGTERM' }) }
}

async function stopChild(options: {
  child: ChildProcess
  ended: Promise<string>
  signal: 'SIGTERM' | 'SIGKILL'
}): Promise<void> {
  const hurry = setTimeout(() => options.child.kill('SIGKILL'), 5_000)
  options.child.kill(options.signal)
  await options.ended
  clearTimeout(hurry)
}

function whenEnded(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(`exit ${code ?? signal}`))
  })
}

/** Nothing of ours concerns them, but where commands lie. */
function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/bin:/sbin:/bin`, HOME: process.env['HOME'], LC_ALL: 'C' }
}
