import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { tempFolder } from '../../test/setup/temp-folder.ts'
import { findTools } from '../edges/tools.ts'
import { renderCover } from './cover.ts'

const found = findTools({})

const never = async (): Promise<never> => {
  throw new Error('there is no picture to read')
}

/** Makes a cover by an ffmpeg that is a script, on the run after so many failures. */
async function coverBy(script: string, failures: number) {
  const scratch = await tempFolder()
  const ffmpeg = path.join(scratch, 'ffmpeg')
  await writeFile(ffmpeg, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  const bench = { scratch, signal: new AbortController().signal, log: pino({ level: 'silent' }) }
  const cover = { index: 1, thumbnails: false as const, poster: true }
  const tools = { ...(await found), ffmpeg, sandbox: [] }
  return renderCover({
    cover,
    sourcePath: path.join(scratch, 'source'),
    maxPixels: 1_000_000,
    tools,
    images: { open: never, render: never },
    tenant: 'default',
    task: { failures },
    bench,
  })
}

test('a cover that fails for a reason that may pass is tried again, and left out only at the last try', async () => {
  const passing = "echo 'Cannot allocate memory' >&2; exit 1"
  await expect(coverBy(passing, 0)).rejects.toMatchObject({ code: 'resource_limit' })
  expect(await coverBy(passing, 1)).toBeUndefined()
})

test('a cover that is no picture is left out at once', async () => {
  expect(await coverBy('echo hello', 0)).toBeUndefined()
})

test('a full disk costs no cover, however often it is met', async () => {
  await expect(coverBy("echo 'No space left on device' >&2; exit 1", 2)).rejects.toMatchObject({ code: 'no_space' })
})
