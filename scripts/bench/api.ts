import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { nodeFlags } from '../../cli/node-flags.ts'
import { freePort } from '../../core/db/embedded/free-port.ts'
import { openEmbedded } from '../../core/db/embedded/open.ts'
import { waitUntil } from '../../core/db/embedded/wait-until.ts'
import { startRedis } from '../servers/redis.ts'

const main = fileURLToPath(new URL('../../cli/sluice.js', import.meta.url))
const calls = 300

/** How long `POST /v1/assets` takes with the queue on Redis, and while that Redis is stopped. */
export async function benchApi(folder: string): Promise<void> {
  const postgres = await openEmbedded({ dataDir: `${folder}/data`, tied: true })
  const redis = await startRedis({ folder })
  const port = await freePort()
  const env = {
    ...process.env,
    DATABASE_URL: postgres.url,
    QUEUE_URL: redis.url,
    AUTH: 'none',
    PORT: String(port),
    LOG_LEVEL: 'warn',
    STORAGE_DIR: `${folder}/media`,
  }
  const api = spawn(process.execPath, [...nodeFlags, main, 'api'], { env, stdio: 'ignore' })
  try {
    const url = `http://127.0.0.1:${port}`
    await waitUntil({
      what: 'the API',
      timeoutMs: 30_000,
      ask: () =>
        fetch(`${url}/ready`).then(
          (answer) => answer.ok || undefined,
          () => undefined,
        ),
    })
    await timePosts(url)
    console.log('| POST /v1/assets, one after the other | median | p95 | worst |\n|---|---|---|---|')
    console.log(row('queue on Redis', await timePosts(url)))
    await redis.stop()
    console.log(row('Redis stopped', await timePosts(url)))
  } finally {
    api.kill('SIGTERM')
    await once(api, 'exit')
    await redis.stop()
    await postgres.stop()
  }
}

async function timePosts(url: string): Promise<number[]> {
  const took: number[] = []
  for (let n = 0; n < calls; n++) {
    const startedAt = performance.now()
    const answer = await fetch(`${url}/v1/assets`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"source":{"url":"https://example.com/a.mp4"}}',
    })
    await answer.text()
    if (answer.status !== 202) throw new Error(`POST answered ${answer.status}`)
    took.push(performance.now() - startedAt)
  }
  return took.sort((a, b) => a - b)
}

function row(name: string, took: number[]): string {
  const at = (share: number) =>
    `${(took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? 0).toFixed(1)} ms`
  return `| ${name}, ${took.length} calls | ${at(0.5)} | ${at(0.95)} | ${at(1)} |`
}
