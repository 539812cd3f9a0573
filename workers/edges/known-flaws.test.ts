import { chmod, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { tempFolder } from '../../test/setup/temp-folder.ts'
import { flawsOf } from './known-flaws.ts'
import { refuseUnsafeTools } from './refuse-unsafe-tools.ts'
import { sharp } from './sharp-setup.ts'
import { findTools } from './tools.ts'

test.each([
  ['ffmpeg', '3.2.14-1~deb9u1', 1],
  ['ffmpeg', '4.4.2-0ubuntu0.22.04.1', 0],
  ['ffmpeg', '5.1', 1],
  ['ffmpeg', '5.1.1', 0],
  ['ffmpeg', '5.1.9-0+deb12u1', 0],
  ['ffmpeg', 'n7.1', 0],
  ['ffmpeg', 'N-109741-gbbe95f7', 0],
  ['sharp', '0.34.5', 1],
  ['sharp', '0.35.0', 0],
  ['libwebp', '1.3.1', 1],
] as const)('%s %s has %i known flaws', (program, version, count) => {
  expect(flawsOf(program, version).length).toBe(count)
})

test('the tools of this machine are let in', async () => {
  await refuseUnsafeTools(await findTools({}))
})

test('an old sharp or ffmpeg is refused, with what is wrong with it', async () => {
  const tools = await findTools({})
  await expect(refuseUnsafeTools(tools, { ...sharp.versions, sharp: '0.34.5' })).rejects.toMatchObject({
    code: 'tools_unsafe',
    message: expect.stringMatching(/^sharp 0\.34\.5 has CVE-2026-33327/),
  })
  await expect(refuseUnsafeTools({ ...tools, version: '3.2.1' })).rejects.toThrow('CVE-2017-9993')
})

test('an ffmpeg that opens what is on no list is refused', async () => {
  const tools = await findTools({})
  const ffprobe = path.join(await tempFolder(), 'ffprobe')
  await writeFile(ffprobe, '#!/bin/sh\necho "Unrecognized option" >&2\nexit 1\n')
  await chmod(ffprobe, 0o755)
  await expect(refuseUnsafeTools({ ...tools, ffprobe })).rejects.toMatchObject({
    code: 'tools_unsafe',
    message: expect.stringContaining('format_whitelist'),
  })
})
