import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { type Desk, patient } from './desk.ts'

type Violation = { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }

/** For every eye, and for none. */
export function consoleLooks(desk: () => Desk): void {
  test.each(['light', 'dark'] as const)(
    'in %s colours nothing stands in the way of anybody, says axe',
    async (colorScheme) => {
      const { page, wrong } = await desk().open({ colorScheme, reducedMotion: 'reduce' })
      await page.getByRole('button', { name: 'Show older' }).waitFor()
      expect(await hindrances(page)).toEqual([])
      await openOneOfEach(page)
      expect(wrong).toEqual([])
    },
  )

  test('360 points are wide enough', async () => {
    const { page, wrong } = await desk().open({ viewport: { width: 360, height: 740 } })
    await page.getByRole('button', { name: 'Show older' }).waitFor()
    const wide = () => page.evaluate('document.documentElement.scrollWidth')
    expect(await wide()).toBe(360)
    await page.getByRole('button', { name: 'Details of burst-39.mp4' }).click()
    await page.locator('dialog .stages li').first().waitFor()
    expect(await page.evaluate('document.querySelector("#viewer").scrollWidth')).toBeLessThanOrEqual(360)
    expect(wrong).toEqual([])
  })
}

/** The dialog of a video that failed, then of one that plays. */
async function openOneOfEach(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Details of burst-39.mp4' }).click()
  await page.getByText(/^What to do/).waitFor()
  expect(await hindrances(page)).toEqual([])
  await page.keyboard.press('Escape')
  await page.getByRole('combobox', { name: 'Kind' }).selectOption('video')
  await page.getByRole('button', { name: 'Play holiday.mp4' }).click()
  await page.locator('dialog video').waitFor()
  await expect.poll(() => page.locator('dialog .stages li').count(), patient).toBeGreaterThan(3)
  expect(await hindrances(page)).toEqual([])
}

const axe = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe finds that is serious, in words. */
async function hindrances(page: Page): Promise<string[]> {
  await page.evaluate(await axe)
  const { violations } = await page.evaluate<{ violations: Violation[] }>('axe.run({ resultTypes: ["violations"] })')
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`))
}
