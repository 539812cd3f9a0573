import { openAsBlob } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { whoHasPort } from '../cli/up/port.ts'
import { runUp } from '../cli/up/run-up.ts'
import { type Asset, Sluice } from '../client/index.ts'
import { environment, publicUrl } from '../core/config.ts'
import { freePort } from '../core/db/embedded/free-port.ts'
import { listenForStop } from '../core/stop-signal.ts'

const sample = fileURLToPath(new URL('../fixtures/sample.mp4', import.meta.url))

process.exitCode = await demo(process.argv.slice(2))

/** `up` with the sample sent through it. Like `up`, it keeps running until Ctrl-C. */
async function demo(args: string[]): Promise<number> {
  const env = environment()
  const { values } = parseArgs({
    args,
    options: { port: { type: 'string' }, data: { type: 'string' }, workers: { type: 'string', default: '1' } },
  })
  const host = env['HOST'] || '127.0.0.1'
  const port =
    values.port === undefined ? await defaultPort({ host, wanted: Number(env['PORT'] || 3000) }) : Number(values.port)
  const { stop, release } = listenForStop()
  const over = new AbortController()
  // In this process, so that one Ctrl-C is one Ctrl-C, and nothing outlives a demo that was killed.
  const up = runUp({ port, data: values.data, workers: Number(values.workers), env })
  const ended = up.finally(() => over.abort(new Error('it did not start')))
  const address = publicUrl({ PUBLIC_URL: undefined, HOST: host, PORT: port })
  const shown = await show({ address, signal: AbortSignal.any([stop, over.signal]) }).catch((error: unknown) => {
    if (stop.aborted || over.signal.aborted) return true
    say(`the sample did not come through: ${error instanceof Error ? error.message : String(error)}`)
    return false
  })
  if (!shown) process.kill(process.pid, 'SIGTERM')
  const exitCode = await ended
  release()
  return shown ? exitCode : 1
}

/** The usual port, or any free one while something else has that. */
async function defaultPort({ host, wanted }: { host: string; wanted: number }): Promise<number> {
  return wanted === 0 || (await whoHasPort({ host, port: wanted })) !== undefined ? freePort() : wanted
}

async function show({ address, signal }: { address: string; signal: AbortSignal }): Promise<boolean> {
  await untilReady({ address, signal })
  const sluice = new Sluice({ url: address })
  say('sending fixtures/sample.mp4 …')
  const { id } = await sluice.uploadFile(await openAsBlob(sample), { filename: 'sample.mp4' })
  const asset = await sluice.waitUntilReady(id, { everyMs: 200, signal })
  for (const line of linesOf(asset)) process.stdout.write(`${line}\n`)
  const seconds = (ms: number | null) => (ms === null ? '?' : (ms / 1000).toFixed(1))
  say(`playable after ${seconds(asset.timings.firstPlayableMs)} s, ready after ${seconds(asset.timings.totalMs)} s`)
  say(`watch it at ${address}/`)
  return true
}

function linesOf({ playback, thumbnails }: Asset): string[] {
  const pictures = thumbnails.map((one) => `thumbnail  ${`${one['width']}x${one['height']}`.padEnd(9)} ${one.url}`)
  return [`playback   ${playback?.hls ?? 'none'}`, ...pictures]
}

async function untilReady({ address, signal }: { address: string; signal: AbortSignal }): Promise<void> {
  while (!(await isReady({ address, signal }))) await pause(100, undefined, { signal })
}

async function isReady({ address, signal }: { address: string; signal: AbortSignal }): Promise<boolean> {
  try {
    const response = await fetch(`${address}/ready`, { signal })
    await response.arrayBuffer()
    return response.ok
  } catch {
    signal.throwIfAborted()
    // Nobody listens there yet.
    return false
  }
}

/** Standard output is for the addresses. */
function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
