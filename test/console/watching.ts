import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { plainImage } from '../../fixtures/images.ts'
import { makeClip } from '../../fixtures/make.ts'
import { tempFolder } from '../setup/temp-folder.ts'
import { type Desk, drop, patient, rowOf, stateOf } from './desk.ts'

/** From a file to something that plays. */
export function consoleWatching(desk: () => Desk): void {
  test('a video dropped on the page becomes ready before your eyes, and plays in the quality that you choose', async () => {
    const { page, wrong } = await desk().open()
    await page.getByText('Nothing here yet').waitFor()
    const bytes = await readFile(await makeClip({ name: 'tone5s', folder: await tempFolder() }))
    await drop(page, { name: 'holiday.mp4', bytes })
    await expect.poll(() => stateOf(page, 'holiday.mp4'), patient).toBe('Ready')
    expect(await page.getByText('Nothing here yet').isVisible()).toBe(false)
    expect(await rowOf(page, 'holiday.mp4').locator('.facts').first().textContent()).toContain(
      'Video · 0:05 · 640 × 360',
    )

    const play = page.getByRole('button', { name: 'Play holiday.mp4' })
    await play.focus()
    await page.keyboard.press('Enter')
    const video = page.locator('dialog video')
    const now = () => video.evaluate((one: { currentTime: number }) => one.currentTime)
    await expect.poll(now, patient).toBeGreaterThan(1)
    const width = () => video.evaluate((one: { videoWidth: number }) => one.videoWidth)
    const quality = page.getByRole('combobox', { name: 'Quality' })
    for (const [name, wide] of [
      ['240p', 426],
      ['360p', 640],
    ] as const) {
      await quality.selectOption({ label: name })
      await page.getByRole('slider', { name: 'Position' }).fill('0')
      await expect.poll(width, patient).toBe(wide)
    }

    const playback = await page.getByLabel('Playback address').inputValue()
    await page.locator('dialog').getByRole('button', { name: 'Copy', exact: true }).click()
    await expect.poll(() => page.evaluate('navigator.clipboard.readText()')).toBe(playback)
    expect((await (await fetch(playback)).text()).startsWith('#EXTM3U')).toBe(true)

    await page.keyboard.press('Escape')
    await video.waitFor({ state: 'detached' })
    expect(await play.evaluate('document.activeElement.getAttribute("aria-label")')).toBe('Play holiday.mp4')
    expect(wrong).toEqual([])
  })

  test('the bar shows what is there before one goes there', async () => {
    const { page, wrong } = await desk().open()
    await page.getByRole('button', { name: 'Details of holiday.mp4' }).click()
    const bar = page.getByRole('slider', { name: 'Position' })
    await expect.poll(() => bar.getAttribute('max'), patient).toMatch(/^[45]/)
    const picture = page.locator('.preview-picture')
    await expect
      .poll(async () => {
        await bar.hover({ position: { x: 40, y: 8 } })
        return picture.evaluate('getComputedStyle(document.querySelector(".preview-picture")).backgroundImage')
      }, patient)
      .toMatch(/^url\(.*storyboard.*\.jpg"\)$/)
    expect(wrong).toEqual([])
  })

  test('a hostile file name is text, in the list, in the dialog and in the question whether to delete', async () => {
    const { page, wrong } = await desk().open()
    const name = '<img src=x onerror=alert(1)>.mp4'
    await drop(page, { name, bytes: await plainImage({ width: 64, height: 64, color: '#0a0', format: 'png' }) })
    await expect.poll(() => stateOf(page, name), patient).toBe('Ready')
    expect(await rowOf(page, name).locator('.name').textContent()).toBe(name)
    await page.getByRole('button', { name: `Show ${name}` }).click()
    expect(await page.getByRole('heading', { level: 2, name }).textContent()).toBe(name)
    await expect
      .poll(
        () => page.locator('dialog .stage img').evaluate((one: { naturalWidth: number }) => one.naturalWidth),
        patient,
      )
      .toBe(64)
    await page.getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByRole('heading', { name: `Delete ${name}?` }).waitFor()
    await page.getByRole('button', { name: 'Keep it' }).click()
    expect(await page.locator('img[src="x"]').count()).toBe(0)
    expect(wrong).toEqual([])
  })
}
