import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildApp } from '../api/app.ts'
import { freePort } from '../core/db/embedded/free-port.ts'
import { atEnd } from './setup/at-end.ts'
import { testHouse } from './setup/house.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('..', import.meta.url))
let url = ''

beforeAll(async () => {
  const port = await freePort()
  url = `http://127.0.0.1:${port}`
  const secret = { SIGNING_SECRET: 'a secret of many letters' }
  const house = await testHouse({ env: { DIRECT_UPLOADS: 'on', PUBLIC_URL: url, ...secret } })
  const app = await buildApp(house)
  atEnd(() => app.close())
  await app.listen({ host: '127.0.0.1', port })
})

/** The first block of shell of a page. */
async function sessionOf(page: string): Promise<string> {
  const [, session = ''] = /```sh\n([\s\S]*?)```/.exec(await readFile(`${root}docs/uploads/${page}`, 'utf8')) ?? []
  return session.replaceAll('http://127.0.0.1:3000', url)
}

describe('the page of uploads', () => {
  it.each(['chunks.md', 'direct-to-storage.md'])('shows a session that works: %s', async (page) => {
    const session = await sessionOf(page)
    expect(session).toContain(`${url}/v1/uploads`)
    const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', session], { cwd: root })
    expect(JSON.parse(stdout)).toMatchObject({ status: 'queued', source: { filename: 'sample.mp4' } })
  })
})
