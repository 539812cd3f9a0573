import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { type Desk, patient, rowOf, sendWords, stateOf } from './desk.ts'

/** For whoever has no pointer. */
export function consoleKeys(desk: () => Desk): void {
  test('all can be reached by keys, in the order in which it is seen', async () => {
    const { page } = await desk().open()
    await page.getByRole('button', { name: 'Show older' }).waitFor()
    await page.locator('#glance summary').waitFor()
    const wanted = await controlsIn(page, 'body')
    expect(wanted.length).toBeGreaterThan(40)
    await page.locator('body').click({ position: { x: 1, y: 1 } })
    expect(await walk(page, wanted.length)).toEqual(wanted)
  })

  test('so can all that is shown of one asset, and nothing behind it', async () => {
    const { page, wrong } = await desk().open()
    await page.getByRole('combobox', { name: 'Kind' }).selectOption('video')
    const opener = page.getByRole('button', { name: 'Play holiday.mp4' })
    await opener.focus()
    await page.keyboard.press('Enter')
    // It plays by itself, and the name of a button goes with that.
    const video = page.locator('dialog video')
    await expect
      .poll(() => video.evaluate((one: { currentTime: number }) => one.currentTime), patient)
      .toBeGreaterThan(0)
    await video.evaluate((one: { pause(): void }) => one.pause())
    await page.locator('dialog').getByRole('button', { name: 'Play', exact: true }).waitFor()
    await expect.poll(() => page.locator('dialog .stages li').count(), patient).toBeGreaterThan(3)
    const wanted = await controlsIn(page, '#viewer')
    expect(wanted.length).toBeGreaterThan(5)
    const first = await page.evaluate<string>(nameOfFocused)
    // Once round, over the controls that a browser puts into a video, too.
    const reached = new Set([first, ...(await walk(page, wanted.length + 20))])
    expect(wanted.filter((name) => !reached.has(name))).toEqual([])
    expect(
      await page.evaluate('document.activeElement === document.body || !!document.activeElement.closest("#viewer")'),
    ).toBe(true)
    await page.keyboard.press('Escape')
    await expect.poll(() => page.locator('#viewer').isVisible(), patient).toBe(false)
    expect(await opener.evaluate((one) => one === one.ownerDocument.activeElement)).toBe(true)
    expect(wrong).toEqual([])
  })

  test('an asset is deleted by keys: what asks holds the focus, and no is what Enter does at first', async () => {
    const id = await sendWords(desk().address, 'typed.mp4')
    const { page, wrong } = await desk().open({ at: `${desk().address}/#asset/${id}` })
    await expect.poll(() => stateOf(page, 'typed.mp4'), patient).toBe('Failed')
    const remove = page.getByRole('button', { name: 'Delete', exact: true })
    await remove.focus()
    await page.keyboard.press('Enter')
    await page.locator('.confirm').waitFor()
    await page.keyboard.press('Enter')
    await page.locator('.confirm').waitFor({ state: 'detached' })
    expect((await fetch(`${desk().address}/v1/assets/${id}`)).status).toBe(200)
    await page.keyboard.press('Enter')
    await page.locator('.confirm').waitFor()
    const asked = await controlsIn(page, '.confirm')
    for (let n = 0; n < asked.length && (await page.evaluate(nameOfFocused)) !== 'Delete'; n += 1)
      await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await rowOf(page, 'typed.mp4').waitFor({ state: 'detached' })
    expect((await fetch(`${desk().address}/v1/assets/${id}`)).status).toBe(404)
    expect(wrong).toEqual([])
  })
}

/** What has the focus after each of so many steps. */
async function walk(page: Page, steps: number): Promise<string[]> {
  const reached: string[] = []
  for (let n = 0; n < steps; n += 1) {
    await page.keyboard.press('Tab')
    reached.push(await page.evaluate<string>(nameOfFocused))
  }
  return reached
}

const nameOf = `(one) => one.id || one.getAttribute('aria-label') || one.textContent.trim()`
const nameOfFocused = `(${nameOf})(document.activeElement)`

/** What can be used there, in the order in which it is seen: of the page what is in no dialog. */
const controlsIn = (page: Page, within: string) =>
  page.evaluate<
    string[]
  >(`[...document.querySelector('${within}').querySelectorAll('a[href], button, input, select, textarea, summary')]
    .filter((one) => !one.disabled && one.tabIndex >= 0 && one.checkVisibility({ visibilityProperty: true }))
    .filter((one) => '${within}' !== 'body' || !one.closest('dialog'))
    .map(${nameOf})`)
