import { writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { tempFolder } from '../setup/temp-folder.ts'
import { type Desk, drop, patient, rowOf, slowLine, stateOf } from './desk.ts'

type Listed = { status: string; source: { filename: string | null } }

/** Files on their way. */
export function consoleUploads(desk: () => Desk): void {
  test('an upload shows how far it is, and cancelling it leaves nothing', async () => {
    const { page } = await desk().open()
    await slowLine(page, 200_000)
    await drop(page, { name: 'endless.mp4', bytes: Buffer.alloc(4_000_000) })
    const row = page.locator('#uploads > li')
    await expect.poll(() => row.locator('.state').textContent(), patient).toMatch(/^Uploading [1-9]/)
    await page.getByRole('button', { name: 'Cancel: endless.mp4' }).click()
    await row.waitFor({ state: 'detached' })
    const listed = async () => (await fetch(`${desk().address}/v1/assets?status=waiting`)).text()
    await expect.poll(listed, patient).not.toContain('endless.mp4')
  })

  test('an upload pauses, survives a reload of the page, and goes on where it was when its file is chosen again', async () => {
    const { page } = await desk().open()
    const file = `${await tempFolder()}/long.mp4`
    await writeFile(file, Buffer.alloc(3_000_000, 7))
    const cdp = await slowLine(page, 400_000)
    await page.locator('#files').setInputFiles(file)
    const row = page.locator('#uploads > li')
    await expect.poll(() => row.locator('.state').textContent(), patient).toMatch(/^Uploading [1-9]\d/)
    await page.getByRole('button', { name: 'Pause: long.mp4' }).click()
    expect(await row.locator('.state').textContent()).toBe('Paused')
    await page.reload()
    await rowOf(page, 'long.mp4').getByText('Choose the same file again').waitFor()

    await cdp.detach()
    const begun: string[] = []
    page.on('request', (request) => request.url().includes('/v1/tus') && begun.push(request.method()))
    await page.locator('#files').setInputFiles(file)
    await expect.poll(() => stateOf(page, 'long.mp4'), patient).toBe('Failed')
    expect(await rowOf(page, 'long.mp4').count()).toBe(1)
    expect(await rowOf(page, 'long.mp4').locator('.facts').first().textContent()).toContain('3.0 MB')
    expect(begun).toEqual(['HEAD', 'PATCH'])
  })

  test('an upload whose first answer was lost is one asset', async () => {
    const { page } = await desk().open()
    let lost = false
    await page.route('**/v1/tus', async (route) => {
      if (lost) return route.continue()
      lost = true
      await route.fetch()
      await route.abort('connectionreset')
    })
    await drop(page, { name: 'once.mp4', bytes: Buffer.alloc(1_000, 7) })
    await expect.poll(() => stateOf(page, 'once.mp4'), patient).toBe('Failed')
    const listed = await (await fetch(`${desk().address}/v1/assets`)).text()
    expect(listed.split('"filename":"once.mp4"')).toHaveLength(2)
  })

  test('an upload that was given up meanwhile by somebody else is made anew', async () => {
    const { page } = await desk().open()
    let over = false
    await page.route('**/v1/tus/*', async (route) => {
      if (over || route.request().method() !== 'PATCH') return route.continue()
      over = true
      await fetch(route.request().url(), { method: 'DELETE', headers: { 'tus-resumable': '1.0.0' } })
      await route.abort('connectionreset')
    })
    await drop(page, { name: 'anew.mp4', bytes: Buffer.alloc(1_000, 7) })
    const statuses = async () => {
      const { data } = (await (await fetch(`${desk().address}/v1/assets`)).json()) as { data: Listed[] }
      return data.flatMap(({ status, source }) => (source.filename === 'anew.mp4' ? [status] : []))
    }
    await expect.poll(statuses, patient).toEqual(['failed', 'cancelled'])
  })

  test('an address that may not be fetched says why and stays to be corrected', async () => {
    const { page } = await desk().open()
    const field = page.getByLabel('Or paste an address to fetch')
    await field.fill('https://10.0.0.1/a.mp4')
    await page.getByRole('button', { name: 'Fetch' }).click()
    await expect.poll(() => page.locator('#address-problem').textContent(), patient).toContain('url_not_allowed')
    expect(await field.inputValue()).toBe('https://10.0.0.1/a.mp4')
  })
}
