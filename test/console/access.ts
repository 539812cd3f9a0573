import { test } from 'vitest'
import { keyedApp } from '../setup/app.ts'
import type { Desk } from './desk.ts'

/** Where keys are asked for. */
export function consoleAccess(desk: () => Desk): void {
  test('a house with keys asks for one, refuses a wrong one, and takes the right one', async () => {
    const keyed = await keyedApp()
    const { page } = await desk().open({ at: await keyed.app.listen({ host: '127.0.0.1', port: 0 }) })
    const field = page.getByLabel('This house asks for an API key')
    await field.fill('sl_wrong')
    await field.press('Enter')
    await page.getByText('That key was refused').waitFor()
    await field.fill(await keyed.keyFor('test', ['assets', 'uploads', 'webhooks', 'admin']))
    await field.press('Enter')
    await page.getByText('Nothing here yet').waitFor()
    await field.waitFor({ state: 'hidden' })
    await page.getByRole('button', { name: 'Forget key' }).click()
    await field.waitFor()
  })
}
