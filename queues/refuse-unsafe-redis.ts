import { Redis } from 'ioredis'
import { SluiceError } from '../core/errors.ts'

/**
 * A Redis that may throw keys away when it is full throws away jobs, and what BullMQ knows of them: no process starts on one. One
 * that does not answer now, or does not say, is no reason not to start.
 */
export async function refuseUnsafeRedis({ url }: { url: string }): Promise<void> {
  if (!/^rediss?:/.test(url)) return
  const policy = await policyOf(url)
  if (policy === undefined || policy === 'noeviction') return
  throw new SluiceError('queue_unsafe', {
    message: `Redis has maxmemory-policy ${policy}, and would lose jobs when it is full: set it to noeviction`,
  })
}

/** `INFO` is allowed where `CONFIG` is not. */
async function policyOf(url: string): Promise<string | undefined> {
  const once = { lazyConnect: true, connectTimeout: 2_000, commandTimeout: 2_000, retryStrategy: () => null }
  const client = new Redis(url, once)
  // Whoever works with it says what is wrong with the connection.
  client.on('error', () => undefined)
  try {
    await client.connect()
    return /^maxmemory_policy:(\S+)/m.exec(await client.info('memory'))?.[1]
  } catch {
    return undefined
  } finally {
    client.disconnect()
  }
}
