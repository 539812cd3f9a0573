import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeClip } from '../../fixtures/make.ts'
import { openVideoBench } from '../../fixtures/video-bench.ts'
import { probe } from '../edges/ffprobe.ts'
import { readableSound } from './readable-sound.ts'

let bench: Awaited<ReturnType<typeof openVideoBench>>
beforeAll(async () => {
  bench = await openVideoBench()
})
afterAll(() => bench.close())

test('a sound track that cannot be decoded is passed over, as long as another can', async () => {
  const sourcePath = await makeClip({ name: 'brokenLanguage', folder: bench.root })
  const common = { tools: bench.tools, cwd: bench.root, signal: new AbortController().signal }
  const { audio } = await probe({ ...common, path: sourcePath })
  expect(audio.map(({ index, codec }) => [index, codec])).toEqual([
    [1, 'ac3'],
    [2, 'aac'],
  ])
  const heard = (tracks: typeof audio) => readableSound({ ...common, sourcePath, tracks })
  expect((await heard(audio)).map(({ index }) => index)).toEqual([2])
  const [broken] = audio
  if (!broken) throw new Error('two tracks were made')
  expect(await heard([broken, broken])).toHaveLength(2)
})

test('one run of ffmpeg hears all tracks together; only those that gave nothing are asked again, alone', async () => {
  const sourcePath = await makeClip({ name: 'brokenLanguage', folder: bench.root })
  const common = { cwd: bench.root, signal: new AbortController().signal }
  const { audio } = await probe({ ...common, tools: bench.tools, path: sourcePath })
  const [broken, sound] = audio
  if (!broken || !sound) throw new Error('two tracks were made')
  let runs = 0
  const observe = <Made>(run: () => Promise<Made>) => {
    runs++
    return run()
  }
  const asked = async (tracks: typeof audio) => {
    runs = 0
    const heard = await readableSound({ ...common, sourcePath, tools: { ...bench.tools, observe }, tracks })
    return { heard: heard.length, runs }
  }
  expect(await asked([sound, sound, sound])).toEqual({ heard: 3, runs: 1 })
  expect(await asked([broken, sound, sound])).toEqual({ heard: 2, runs: 3 })
})
