import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { type Desk, patient, rowOf, sendWords } from './desk.ts'

/** All that is there, and how one finds something in it. */
export function consoleList(desk: () => Desk): void {
  test('what others send appears by itself, all of it; a new visitor asks for what is older', async () => {
    const { page: watcher } = await desk().open()
    await watcher.locator('#assets > li').first().waitFor()
    for (let n = 0; n < 40; n += 1) await sendWords(desk().address, `burst-${n}.mp4`)
    const shown = (page: Page) => rowOf(page, 'burst-').count()
    await expect.poll(() => shown(watcher), patient).toBe(40)
    await expect
      .poll(() => watcher.locator('[data-status="failed"]').filter({ hasText: 'burst-' }).count(), patient)
      .toBe(40)

    const { page: visitor } = await desk().open()
    await expect.poll(() => shown(visitor), patient).toBe(25)
    await visitor.getByRole('button', { name: 'Show older' }).click()
    await expect.poll(() => shown(visitor), patient).toBe(40)
    // Whoever comes back to the page has it asked anew.
    const asked = visitor.waitForResponse((answer) => answer.url().includes('/v1/assets'))
    await visitor.evaluate('document.dispatchEvent(new Event("visibilitychange"))')
    await asked
    expect(await shown(visitor)).toBe(40)
    const names = await rowOf(visitor, 'burst-').locator('.name').allTextContents()
    expect(names).toEqual(Array.from({ length: 40 }, (_, n) => `burst-${39 - n}.mp4`))
  })

  test('the list is narrowed to a kind, a status, a name', async () => {
    const { page, wrong } = await desk().open()
    const seen = () => page.locator('#assets > li:not([hidden]) .name').allTextContents()
    await page.getByRole('combobox', { name: 'Kind' }).selectOption('video')
    await expect.poll(seen, patient).toEqual(['holiday.mp4'])
    await page.getByRole('combobox', { name: 'Status' }).selectOption('failed')
    await page.getByText('Nothing here fits these filters.').waitFor()
    await page.getByRole('combobox', { name: 'Kind' }).selectOption('')
    await page.getByRole('searchbox', { name: 'Name or external id' }).fill('burst-39')
    await expect.poll(seen, patient).toEqual(['burst-39.mp4'])
    expect(wrong).toEqual([])
  })
}
