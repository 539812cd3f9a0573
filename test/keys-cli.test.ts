import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, it } from 'vitest'
import { nodeFlags } from '../cli/node-flags.ts'
import { testDatabase } from './setup/database.ts'

const main = fileURLToPath(new URL('../cli/main.ts', import.meta.url))
let env: NodeJS.ProcessEnv
beforeAll(async () => {
  env = { ...process.env, DATABASE_URL: (await testDatabase()).url }
})

function keys(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [...nodeFlags, main, 'keys', ...args], { env }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
    )
  })
}

it('keys are made, listed without their secrets, and revoked', async () => {
  expect((await keys('list')).out).toContain('There are no keys')
  const made = JSON.parse(
    (await keys('create', '--tenant', 'acme', '--scopes', 'assets,admin', '--name', 'shop', '--json')).out,
  )
  expect(made).toMatchObject({
    key: expect.stringMatching(/^sl_[\w-]{32}$/),
    tenant: 'acme',
    scopes: ['assets', 'admin'],
  })
  const table = await keys('list')
  expect(table.out).toMatch(
    new RegExp(`^ID +TENANT +NAME[\\s\\S]*${made.id} +acme +shop +assets,admin +\\d{4}-.* +never`),
  )
  expect(table.out).not.toContain(made.key)
  const revoked = JSON.parse((await keys('revoke', made.id, '--json')).out)
  const listed = JSON.parse((await keys('list', '--tenant', 'acme', '--json')).out)
  expect(listed.data).toEqual([revoked])
  expect(Date.parse(revoked.revokedAt)).toBeGreaterThan(0)
})

it.each([
  [2, ['create']],
  [2, ['create', '--tenant', '../x']],
  [2, ['create', '--tenant', 'acme', '--scopes', 'root']],
  [2, ['revoke']],
  [2, ['revoke', 'x']],
  [2, ['list', '--tenant', 'A']],
  [1, ['revoke', '019a0000-0000-7000-8000-000000000000']],
] as const)('exit code %i for keys %j, with one line that says why', async (code, args) => {
  const end = await keys(...args)
  expect(end.code).toBe(code)
  expect(end.err.trim().split('\n')).toHaveLength(1)
  expect(end.out).toBe('')
})
