import { execFile } from 'node:child_process'
import { chmod, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Redis } from 'ioredis'
import { beforeAll, describe, expect, it } from 'vitest'
import { startRedis } from '../scripts/servers/redis.ts'
import { atEnd } from './setup/at-end.ts'
import { testDatabase } from './setup/database.ts'
import { tempFolder } from './setup/temp-folder.ts'

const main = new URL('../cli/main.ts', import.meta.url).pathname

describe('a process that could not keep its word', () => {
  let folder = ''
  let common: Record<string, string> = {}
  beforeAll(async () => {
    folder = await tempFolder()
    common = {
      AUTH: 'none',
      PORT: '0',
      DATABASE_URL: (await testDatabase()).url,
      STORAGE_DIR: path.join(folder, 'media'),
    }
    common['SCRATCH_DIR'] = path.join(folder, 'scratch')
    common['PATH'] = process.env['PATH'] ?? ''
  })

  /** How it ended by itself; one that starts is a failure. */
  const start = (command: 'api' | 'worker', env: Record<string, string>) =>
    new Promise<{ code: unknown; said: string }>((resolve) => {
      const options = { env: { ...common, ...env }, timeout: 60_000 }
      execFile(process.execPath, [main, command], options, (error, _out, err) =>
        resolve({ code: error?.code, said: err }),
      )
    })
  const refusal = (code: string, text: string) => ({
    code: 1,
    // A few lines for whoever reads them, and no stack.
    said: expect.stringMatching(new RegExp(`^sluice: ${code}: [^\\n]*${text}[^\\n]*\\n$`)),
  })

  it.each(['api', 'worker'] as const)(
    'does not start as %s on a Redis that throws keys away when it is full',
    async (command) => {
      const redis = await startRedis({ folder: await tempFolder() })
      atEnd(redis.stop)
      const client = new Redis(redis.url)
      await client.config('SET', 'maxmemory-policy', 'allkeys-lru')
      client.disconnect()
      expect(await start(command, { QUEUE_URL: redis.url })).toEqual(refusal('queue_unsafe', 'allkeys-lru'))
    },
  )

  it.each(['api', 'worker'] as const)('does not start as %s on a folder that cannot be written to', async (command) => {
    const file = path.join(folder, `file-${command}`)
    await writeFile(file, 'not a folder')
    const env = { STORAGE_DIR: path.join(file, 'media') }
    expect(await start(command, env)).toEqual(refusal('storage_not_writable', 'STORAGE_DIR'))
  })

  it('does not start as worker with an ffmpeg that has known flaws, or that opens what is on no list', async () => {
    const old = path.join(folder, 'ffmpeg')
    await writeFile(old, '#!/bin/sh\necho "ffmpeg version 3.2.1 Copyright"\n')
    await chmod(old, 0o755)
    const { code, said } = await start('worker', { FFMPEG_PATH: old })
    expect({ code, said }).toEqual(refusal('tools_unsafe', 'ffmpeg 3.2.1 has CVE-2017-9993'))
    expect(said).toContain('format_whitelist')
  })
})
