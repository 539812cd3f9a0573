import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inputArgs } from '../../core/media/ffmpeg-args.ts'
import { sniff } from '../../core/media/sniff.ts'
import { makeClips } from '../../fixtures/make.ts'
import { runFfmpeg } from './ffmpeg.ts'
import { probe } from './ffprobe.ts'
import { findTools, type MediaTools } from './tools.ts'

let folder = ''
let victim = ''
let tools: MediaTools
const signal = new AbortController().signal

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-hostile-'))
  tools = await findTools({})
  victim = (await makeClips({ names: ['transport'], folder }))('transport')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const playlist = (inside: string) => `#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n${inside}\n#EXT-X-ENDLIST\n`
const files: [string, () => string][] = [
  ['a playlist with the path of another file', () => playlist(`file://${victim}`)],
  ['a playlist with a neighbour', () => playlist('transport.ts')],
  ['a concat list', () => `ffconcat version 1.0\nfile ${path.basename(victim)}\n`],
  [
    'a DASH manifest',
    () => `<?xml version="1.0"?><MPD type="static"><Period><BaseURL>file://${victim}</BaseURL></Period></MPD>`,
  ],
]

/** Named and placed as an upload would be. */
async function hostile(text: string) {
  const file = path.join(folder, 'upload.mp4')
  await writeFile(file, text)
  return file
}

test.each(files)(
  '%s is stopped by the format whitelist: by ffprobe, by ffmpeg, and by its first bytes',
  async (_, text) => {
    const file = await hostile(text())
    const refused = { code: expect.stringMatching(/^(unsupported_container|corrupt_media)$/), fate: 'give_up' }
    await expect(probe({ tools, path: file, cwd: folder, signal })).rejects.toMatchObject(refused)
    const args = [...inputArgs({ path: file }), '-c', 'copy', '-f', 'mpegts', path.join(folder, 'leak.ts')]
    await expect(runFfmpeg({ tools, args, cwd: folder, signal })).rejects.toMatchObject(refused)
    await expect(readFile(path.join(folder, 'leak.ts'))).rejects.toMatchObject({ code: 'ENOENT' })
    expect(await sniff(await readFile(file))).toBeUndefined()
  },
)

/** One frame of ffmpeg's own, in whatever codec and size. */
async function frameIn(file: string, size: string, ...codec: string[]) {
  const out = path.join(folder, file)
  const source = ['-f', 'lavfi', '-i', `color=c=0x336699:s=${size}`, '-frames:v', '1']
  await promisify(execFile)(tools.ffmpeg, ['-nostdin', '-v', 'error', '-y', ...source, ...codec, out])
  return out
}

test('a decoder that is not on the list is not even opened, neither to look nor to decode', async () => {
  const file = await frameIn('magic.avi', '64x64', '-c:v', 'magicyuv')
  const refused = { code: 'unsupported_codec', message: expect.stringContaining('not on whitelist') }
  await expect(probe({ tools, path: file, cwd: folder, signal })).rejects.toMatchObject(refused)
  const args = [...inputArgs({ path: file }), '-f', 'null', '-']
  await expect(runFfmpeg({ tools, args, cwd: folder, signal })).rejects.toMatchObject(refused)
})

test('a picture of more pixels than allowed is not decoded, though nobody looked at it before', async () => {
  const file = await frameIn('large.avi', '8192x6208', '-c:v', 'mjpeg', '-q:v', '31', '-pix_fmt', 'yuvj420p')
  const args = [...inputArgs({ path: file }), '-f', 'null', '-']
  await expect(runFfmpeg({ tools, args, cwd: folder, signal })).rejects.toMatchObject({ code: 'too_many_pixels' })
})
