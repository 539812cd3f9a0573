import { stat } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { soundMemory } from '../../core/media/cost.ts'
import { withoutGaps } from '../../core/media/sound-gaps.ts'
import { tempFolder } from '../../test/setup/temp-folder.ts'
import { runFfmpeg } from '../edges/ffmpeg.ts'
import { probe } from '../edges/ffprobe.ts'
import { findTools } from '../edges/tools.ts'
import { memoryLimit } from '../video/encode-segments.ts'

test('an hour without sound in a file of kilobytes becomes an hour of silence, in the memory that sound is let in with', async () => {
  const common = { tools: await findTools({ cpus: 2 }), cwd: await tempFolder(), signal: new AbortController().signal }
  const { tools, cwd } = common
  const tone = ['-f', 'lavfi', '-i', 'sine=r=44100:d=2', '-af', "asetpts='PTS+gte(T,1)*3600/TB'"]
  await runFfmpeg({ ...common, args: [...tone, '-c:a', 'aac', 'gap.mkv'] })
  const info = await probe({ ...common, path: path.join(cwd, 'gap.mkv') })
  const filter = withoutGaps({ sampleRate: 48_000, layout: 'mono' })
  const limits = memoryLimit({ memory: soundMemory(info), cpus: tools.cpus, outputs: 1 })
  await runFfmpeg({
    ...{ ...common, limits },
    args: ['-copyts', '-i', 'gap.mkv', '-af', filter, '-c:a', 'pcm_u8', 'whole.wav'],
  })
  const seconds = (await stat(path.join(cwd, 'whole.wav'))).size / 48_000
  expect(seconds).toBeGreaterThan(3601.9)
  expect(seconds).toBeLessThan(3602.2)
})
