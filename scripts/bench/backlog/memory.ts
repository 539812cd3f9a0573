import { readFileSync } from 'node:fs'
import { Redis } from 'ioredis'

/** Bytes of memory that a process has now. */
export function residentBytes(pid: number): number {
  const [, kib] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kib ?? 0) * 1024
}

/** What Redis says that it uses; undefined where there is none. */
export async function redisBytes(queueUrl: string): Promise<number | undefined> {
  if (!queueUrl.startsWith('redis')) return undefined
  const client = new Redis(queueUrl)
  try {
    const [, bytes] = /^used_memory:(\d+)/m.exec(await client.info('memory')) ?? []
    return Number(bytes)
  } finally {
    client.disconnect()
  }
}
