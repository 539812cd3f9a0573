import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import HLS from 'hls-parser'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeClip } from '../../fixtures/make.ts'
import { openVideoBench, type Produced, putInto } from '../../fixtures/video-bench.ts'
import { convertSubtitles } from './convert-subtitles.ts'

const run = promisify(execFile)
let bench: Awaited<ReturnType<typeof openVideoBench>>
let source = ''
let produced: Produced
beforeAll(async () => {
  bench = await openVideoBench()
  HLS.setOptions({ strictMode: true })
  source = await makeClip({ name: 'languages', folder: bench.root })
  produced = await bench.produce({ source })
})
afterAll(() => bench.close())

const read = (file: string) => readFile(path.join(produced.folder, file), 'utf8')

test('each text track is one WebVTT file, its times held against the segments’', async () => {
  expect(await read('hls/text-1/1.vtt')).toBe(
    'WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n\n00:00:05.000 --> 00:00:06.500\nFive &amp; <i>six</i>\n',
  )
  expect(await read('hls/text-2/1.vtt')).toContain('00:00:01.000 --> 00:00:02.000\nUn\ndeux\n')
  const list = HLS.parse(await read('hls/text-1/playlist.m3u8'))
  if (list.isMasterPlaylist) throw new Error('a media playlist was expected')
  expect(list).toMatchObject({ playlistType: 'VOD', endlist: true, targetDuration: 9 })
  expect(list.segments.map(({ uri, duration }) => [uri, duration])).toEqual([['1.vtt', 9]])
})

test('the master names languages as the web does, and a title full of traps stays a title', async () => {
  const master = HLS.parse(await readFile(produced.master, 'utf8'))
  if (!master.isMasterPlaylist) throw new Error('a master was expected')
  expect(master.variants).toHaveLength(2)
  for (const { audio, subtitles } of master.variants) {
    expect(audio.map(({ name, language, isDefault }) => [name, language, isDefault])).toEqual([
      ['English', 'en', false],
      ['Ton , DEFAULT=NO B', 'de', true],
    ])
    expect(subtitles.map(({ name, language, isDefault, forced }) => [name, language, isDefault, forced])).toEqual([
      ['English', 'en', false, false],
      ['French', 'fr', false, true],
    ])
  }
})

test('a text track that cannot be read is left out, and takes no other with it', async () => {
  const [sound, good] = produced.plan.texts ?? []
  if (!sound || !good) throw new Error('two tracks were planned')
  const plan = { ...produced.plan, texts: [{ ...sound, index: 1 }, good] }
  const folder = path.join(bench.root, 'left-out')
  const common = { plan, attempt: 7, sourcePath: source, tools: bench.tools, put: putInto(folder) }
  const files = await convertSubtitles({ ...common, bench: await bench.bench() })
  expect(files.map(({ track, key }) => [track.label, key])).toEqual([['French', 'hls/text-2/7.vtt']])
})

test('a source that is no media at all has no text, and that is no error', async () => {
  const common = { plan: produced.plan, attempt: 1, sourcePath: produced.master, tools: bench.tools }
  expect(await convertSubtitles({ ...common, put: putInto(bench.root), bench: await bench.bench() })).toEqual([])
})

test('the DASH manifest is read frame for frame', async () => {
  const manifest = path.join(produced.folder, 'hls/manifest.mpd')
  const decode = async (map: string) => {
    const args = ['-v', 'error', '-allowed_extensions', 'ALL', '-i', manifest, '-map', map, '-f', 'framehash', '-']
    const { stdout, stderr } = await run('ffmpeg', args, { maxBuffer: 2 ** 24 })
    expect(stderr).toBe('')
    return stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  }
  for (const map of ['0:v:0', '0:v:1']) expect(await decode(map)).toHaveLength(225)
  expect((await decode('0:a:1')).length).toBeGreaterThanOrEqual(Math.floor((9 * 48_000) / 1024))
})
