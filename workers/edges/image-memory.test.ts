import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { imageMemory } from '../../core/media/cost.ts'
import { plainAvif } from '../../fixtures/images.ts'
import { tempFolder } from '../../test/setup/temp-folder.ts'

const program = new URL('../../fixtures/decode-at-once.ts', import.meta.url).pathname

test('a large picture takes no more memory than it is let in for', async () => {
  const file = path.join(await tempFolder(), 'large.avif')
  await writeFile(file, await plainAvif({ width: 4000, height: 4000 }))
  const peak = async (times: number) => {
    const { stdout } = await promisify(execFile)(process.execPath, [program, file, String(times)])
    return z.coerce.number().parse(stdout) * 2 ** 20
  }
  const taken = (await peak(1)) - (await peak(0))
  expect(taken).toBeGreaterThan(100 * 2 ** 20)
  expect(taken).toBeLessThan(imageMemory({ format: 'avif', pixels: 16_000_000, working: 64 * 64 }))
})
