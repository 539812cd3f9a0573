import { tmpdir } from 'node:os'
import type { TestProject } from 'vitest/node'
import { startRedis } from '../../scripts/servers/redis.ts'
import { runFolder } from './run-folder.ts'

/** For the project `redis`: the server that the environment names, or a new one. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const given = process.env['REDIS_TEST_URL']
  if (given) {
    project.provide('redis', { url: given })
    return undefined
  }
  const server = await startRedis({ folder: `${runFolder({ parent: tmpdir(), pid: process.pid }).path}/redis` })
  project.provide('redis', { url: server.url })
  return server.stop
}
