import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { onTestFinished, test } from 'vitest'
import { freePort } from '../../core/db/embedded/free-port.ts'
import { spawnUp } from '../setup/spawned-up.ts'
import { tempFolder } from '../setup/temp-folder.ts'
import type { Desk } from './desk.ts'

/** Where keys are asked for. */
export function consoleAccess(desk: () => Desk): void {
  test('a house with keys asks for one, refuses a wrong one, and takes the right one', async () => {
    const data = await tempFolder()
    const keyed = spawnUp({ args: ['--data', data, '--port', String(await freePort())], env: { AUTH: 'keys' } })
    onTestFinished(async () => {
      keyed.kill('SIGTERM')
      await keyed.ended
    })
    const { page } = await desk().open({ at: await keyed.up() })
    const field = page.getByLabel('This house asks for an API key')
    await field.fill('sl_wrong')
    await field.press('Enter')
    await page.getByText('That key was refused').waitFor()
    await field.fill(await createKey(data))
    await field.press('Enter')
    await page.getByText('Nothing here yet').waitFor()
    await field.waitFor({ state: 'hidden' })
    await page.getByRole('button', { name: 'Forget key' }).click()
    await field.waitFor()
  })
}

async function createKey(data: string): Promise<string> {
  const args = ['keys', 'create', '--tenant', 'test', '--data', data, '--json']
  const { stdout } = await promisify(execFile)(process.execPath, ['cli/main.ts', ...args])
  const made: unknown = JSON.parse(stdout)
  return made !== null && typeof made === 'object' && 'key' in made ? String(made.key) : ''
}
