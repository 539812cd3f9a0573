import { expect, test } from 'vitest'
import { type Desk, drop, patient, rowOf, sendWords, stateOf } from './desk.ts'

/** What is told of an asset, and what can be done to it. */
export function consoleDetails(desk: () => Desk): void {
  test('what is no media fails in its row, and says among its details what to do', async () => {
    const { page, wrong } = await desk().open()
    await drop(page, { name: 'notes.mp4', bytes: Buffer.from('these are only words') })
    await expect.poll(() => stateOf(page, 'notes.mp4'), patient).toBe('Failed')
    expect(await rowOf(page, 'notes.mp4').locator('.problem').textContent()).toMatch(/^unsupported_container \w+/)
    await page.getByRole('button', { name: 'Details of notes.mp4' }).click()
    await page.getByText(/^What to do: \w+/).waitFor()
    await expect.poll(() => page.locator('dialog .stages [data-state]').count(), patient).toBe(4)
    expect(await page.locator('dialog .stages [data-state="failed"] .step-name').textContent()).toBe('Inspected')
    expect(wrong).toEqual([])
  })

  test('an asset can be linked to, is made anew with another profile, and tells of both times', async () => {
    const { page: list } = await desk().open()
    const id = await rowOf(list, 'holiday.mp4').getAttribute('data-id')
    const { page, wrong } = await desk().open({ at: `${desk().address}/#asset/${id}` })
    await page.getByRole('heading', { level: 2, name: 'holiday.mp4' }).waitFor()
    await page.getByRole('combobox', { name: 'Profile' }).selectOption('rehost')
    await page.getByRole('button', { name: 'Reprocess' }).click()
    const generations = page.locator('dialog section', { hasText: 'Generations' }).locator('tbody tr')
    await expect
      .poll(() => generations.allTextContents(), patient)
      .toEqual([expect.stringMatching(/^2.*ready, served now$/), expect.stringMatching(/^1.*ready$/)])
    expect(wrong).toEqual([])
  })

  test('deleting asks first; then the asset is gone here and from the house', async () => {
    const id = await sendWords(desk().address, 'unwanted.mp4')
    const { page, wrong } = await desk().open({ at: `${desk().address}/#asset/${id}` })
    const remove = page.getByRole('button', { name: 'Delete', exact: true })
    await remove.click()
    await page.keyboard.press('Escape')
    expect((await fetch(`${desk().address}/v1/assets/${id}`)).status).toBe(200)
    await remove.click()
    await page.locator('.confirm').getByRole('button', { name: 'Delete' }).click()
    await rowOf(page, 'unwanted.mp4').waitFor({ state: 'detached' })
    expect(await page.locator('#viewer').isVisible()).toBe(false)
    expect((await fetch(`${desk().address}/v1/assets/${id}`)).status).toBe(404)
    expect(wrong).toEqual([])
  })
}
