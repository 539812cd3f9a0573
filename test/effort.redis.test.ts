import { beforeAll, describe, expect, it } from 'vitest'
import { startRedis } from '../scripts/servers/redis.ts'
import { atEnd } from './setup/at-end.ts'
import { type LiveHouse, liveHouse } from './setup/live-house.ts'
import { tempFolder } from './setup/temp-folder.ts'

/** Far above what it takes (see `npm run bench api`), far below any wait for a queue that is away. */
const noWaitMs = 250

describe('POST /v1/assets never waits for the queue', () => {
  let house: LiveHouse
  let redis: Awaited<ReturnType<typeof startRedis>>
  beforeAll(async () => {
    redis = await startRedis({ folder: await tempFolder() })
    atEnd(() => redis.stop())
    house = await liveHouse({ queueUrl: redis.url })
  })
  const source = { url: 'https://example.com/a.mp4' }

  it('with Redis stopped it answers as before, and what was accepted runs once Redis is back', {
    timeout: 60_000,
  }, async () => {
    await house.client.createAsset({ source })
    await redis.stop()
    const took: number[] = []
    for (let n = 0; n < 40; n++) {
      const startedAt = performance.now()
      await house.client.createAsset({ source, externalId: `away-${n}` })
      took.push(performance.now() - startedAt)
    }
    expect(took.toSorted((a, b) => a - b)[20]).toBeLessThan(noWaitMs)
    expect(Math.max(...took)).toBeLessThan(noWaitMs * 4)
    expect((await fetch(`${house.url}/ready`)).status).toBe(200)
    const health = (await (await fetch(`${house.url}/health`)).json()) as { components: { queue: { status: string } } }
    expect(health.components.queue.status).toBe('down')
  })
})
