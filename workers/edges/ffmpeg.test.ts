import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { inputArgs } from '../../core/media/ffmpeg-args.ts'
import { makeClips } from '../../fixtures/make.ts'
import { runFfmpeg, runFfmpegToBuffer } from './ffmpeg.ts'
import type { Progress } from './ffmpeg-progress.ts'
import { findTools, type MediaTools } from './tools.ts'

let folder = ''
let tools: MediaTools
let clip: (name: 'silent5s') => string
const signal = new AbortController().signal
const endless = ['-re', '-f', 'lavfi', '-i', 'testsrc2=s=64x64', '-f', 'null', '-']

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-ffmpeg-'))
  tools = await findTools({})
  clip = await makeClips({ names: ['silent5s'], folder })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('progress comes while it runs', async () => {
  const seen: Progress[] = []
  const args = [...inputArgs({ path: clip('silent5s') }), '-f', 'null', '-']
  await runFfmpeg({ tools, args, cwd: folder, signal, onProgress: (progress) => seen.push(progress) })
  expect(seen.at(-1)?.frame).toBe(125)
})

test('abort ends it, and the reason of the abort is what is thrown', async () => {
  const abort = new AbortController()
  const reason = new Error('taken over')
  const run = runFfmpeg({
    tools,
    args: endless,
    cwd: folder,
    signal: abort.signal,
    onProgress: () => abort.abort(reason),
  })
  await expect(run).rejects.toBe(reason)
})

test('an encoder that waits for ever is ended, even where it does not hear SIGTERM', async () => {
  const pipe = path.join(folder, 'never.mp4')
  execFileSync('mkfifo', [pipe])
  const args = [...inputArgs({ path: pipe }), '-f', 'null', '-']
  const run = runFfmpeg({ tools, args, cwd: folder, signal, stallMs: 300 })
  await expect(run).rejects.toMatchObject({ code: 'encoder_stalled', fate: 'retry' })
})

test('an encoder that others hold still is not blamed for it', async () => {
  const courtesy: MediaTools['courtesy'] = (child) => {
    child.pause()
    setTimeout(() => child.resume(), 6_000)
    return () => undefined
  }
  const args = [...inputArgs({ path: clip('silent5s') }), '-f', 'null', '-']
  await runFfmpeg({ tools: { ...tools, courtesy }, args, cwd: folder, signal, stallMs: 5_000 })
})

test.each([
  ['corrupt_media', Buffer.from('\0\0\0\x18ftypisom\0\0\0\0isommp42'.repeat(3), 'latin1')],
  ['corrupt_media', Buffer.alloc(0)],
  ['unsupported_container', Buffer.from('#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nx.ts\n#EXT-X-ENDLIST\n')],
])('a file that cannot be read ends with %s', async (code, bytes) => {
  const file = path.join(folder, 'broken.mp4')
  await writeFile(file, bytes)
  const run = runFfmpeg({ tools, args: [...inputArgs({ path: file }), '-f', 'null', '-'], cwd: folder, signal })
  await expect(run).rejects.toMatchObject({ code, fate: 'give_up' })
})

test('a file larger than its limit is not written', async () => {
  const args = ['-f', 'lavfi', '-i', 'testsrc2=s=640x360:d=60', '-c:v', 'rawvideo', '-f', 'rawvideo', 'big.raw']
  const run = runFfmpeg({ tools, args, cwd: folder, signal, limits: { fileBytes: 1_000_000 } })
  if (tools.sandbox.some((word) => word.startsWith('--fsize')))
    await expect(run).rejects.toMatchObject({ code: 'resource_limit' })
  else await run
})

test('a frame comes back as bytes, and no more than asked for', async () => {
  const args = [
    ...inputArgs({ path: clip('silent5s') }),
    '-frames:v',
    '1',
    '-pix_fmt',
    'gray',
    '-f',
    'rawvideo',
    'pipe:1',
  ]
  const common = { tools, args, cwd: folder, signal }
  expect(await runFfmpegToBuffer({ ...common, maxBytes: 320 * 180 })).toHaveLength(320 * 180)
  await expect(runFfmpegToBuffer({ ...common, maxBytes: 100 })).rejects.toMatchObject({ code: 'resource_limit' })
})

test.each([
  ['to a file', false],
  ['to its standard output', true],
])('what writes %s can be held still by others, and is said to be over', async (_, printed) => {
  const over = vi.fn()
  const courtesy = vi.fn(() => over)
  const input = inputArgs({ path: clip('silent5s') })
  const run = { tools: { ...tools, courtesy }, cwd: folder, signal }
  if (printed) await runFfmpegToBuffer({ ...run, args: [...input, '-f', 'framecrc', 'pipe:1'], maxBytes: 2 ** 20 })
  else await runFfmpeg({ ...run, args: [...input, '-f', 'null', '-'] })
  expect(courtesy).toHaveBeenCalledTimes(1)
  expect(over).toHaveBeenCalledTimes(1)
})
