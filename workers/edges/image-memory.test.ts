import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { plainAvif } from '../../fixtures/images.ts'
import { tempFolder } from '../../test/setup/temp-folder.ts'
import { makeRoom } from './image-memory.ts'

test('work at once never holds more than there is, all of it is done, and in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 150 }), { maxLength: 30 }), async (sizes) => {
      const inRoom = makeRoom({ bytes: 100 })
      let held = 0
      let running = 0
      const started: number[] = []
      const work = (size: number, n: number) => async () => {
        started.push(n)
        held += size
        running += 1
        expect(held <= 100 || running === 1).toBe(true)
        await Promise.resolve()
        held -= size
        running -= 1
        if (n % 3 === 0) throw new Error('broken')
      }
      await Promise.allSettled(sizes.map((size, n) => inRoom(size, work(size, n))))
      expect(started).toEqual(sizes.map((_, n) => n))
    }),
  )
})

const program = new URL('../../fixtures/decode-at-once.ts', import.meta.url).pathname

test('two pictures of 31 megapixels are decoded one after the other', { timeout: 60_000 }, async () => {
  const file = path.join(await tempFolder(), 'large.avif')
  await writeFile(file, await plainAvif({ width: 5600, height: 5600 }))
  const { stdout } = await promisify(execFile)(process.execPath, [program, file, '2'])
  const megabytes = z.coerce.number().parse(stdout)
  // One alone takes 650, two at once 1230.
  expect(megabytes).toBeGreaterThan(300)
  expect(megabytes).toBeLessThan(900)
})
