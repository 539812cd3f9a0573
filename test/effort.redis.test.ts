import { beforeAll, describe, expect, it, vi } from 'vitest'
import { startRedis } from '../scripts/servers/redis.ts'
import { atEnd } from './setup/at-end.ts'
import { type LiveHouse, liveHouse } from './setup/live-house.ts'
import { tempFolder } from './setup/temp-folder.ts'

/** Far above what it takes (see `npm run bench api`), far below any wait for a queue that is away. */
const noWaitMs = 1_000

describe('POST /v1/assets never waits for the queue', () => {
  let house: LiveHouse
  let redis: Awaited<ReturnType<typeof startRedis>>
  const folders = { redis: '' }
  beforeAll(async () => {
    folders.redis = await tempFolder()
    redis = await startRedis({ folder: folders.redis })
    atEnd(() => redis.stop())
    house = await liveHouse({ queueUrl: redis.url, env: { FETCH_ALLOW: '127.0.0.1/32' } })
  })

  it('with Redis stopped it answers as before, and what was accepted runs once Redis is back', async () => {
    const source = { url: 'http://127.0.0.1:9/nobody-listens.mp4' }
    await house.worker()
    await redis.stop()
    const took: number[] = []
    const accepted: string[] = []
    for (let n = 0; n < 40; n++) {
      const startedAt = performance.now()
      accepted.push((await house.client.createAsset({ source, externalId: `away-${n}` })).id)
      took.push(performance.now() - startedAt)
    }
    expect(took.toSorted((a, b) => a - b)[20]).toBeLessThan(noWaitMs)
    expect((await fetch(`${house.url}/ready`)).status).toBe(200)
    const health = (await (await fetch(`${house.url}/health`)).json()) as { components: { queue: { status: string } } }
    expect(health.components.queue.status).toBe('down')

    redis = await startRedis({ folder: folders.redis, port: Number(new URL(redis.url).port) })
    await vi.waitFor(
      async () => {
        for (const id of accepted) {
          const { data } = (await (await fetch(`${house.url}/v1/assets/${id}/tasks`)).json()) as {
            data: { attempts: number }[]
          }
          expect(data[0]?.attempts).toBeGreaterThan(0)
        }
      },
      { timeout: 60_000, interval: 500 },
    )
  })
})
