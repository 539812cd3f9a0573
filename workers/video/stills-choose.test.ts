import { expect, test, vi } from 'vitest'
import { SluiceError } from '../../core/errors.ts'
import type { MediaInfo, VideoInfo } from '../../core/media/media-info.ts'
import { choosePoint, type RunToBuffer } from './stills-choose.ts'

const video: VideoInfo = {
  ...{ index: 0, codec: 'h264', codedWidth: 640, codedHeight: 360, width: 640, height: 360 },
  ...{ sar: { num: 1, den: 1 }, rotation: 0, mirrored: false, constantRate: true },
  ...{ bitDepth: 8, hdr: false, interlaced: false, duration: 5 },
}
const info: MediaInfo = { kind: 'video', container: 'mov', audio: [], subtitles: [], dataStreams: 0, video }
const pixels = 160 * 90
const black = Buffer.alloc(pixels)
const colourful = Buffer.from(Array.from({ length: pixels }, (_, at) => ((at * 37) % 160) + 40))
const asked = (run: RunToBuffer) => {
  const mock = vi.fn(run)
  return { mock, point: choosePoint({ info, video, path: '/source', run: mock }) }
}

test('of a clip one run shows all keyframes, and the best of them is named', async () => {
  const { mock, point } = asked(async () => Buffer.concat([black, colourful, black]))
  expect(await point).toMatchObject({ kind: 'stretch', keyframesOnly: true, pick: 1 })
  expect(mock).toHaveBeenCalledTimes(1)
})

test('a clip that cannot be read as a whole is asked for one keyframe after the other', async () => {
  let runs = 0
  const { mock, point } = asked(async () => {
    runs += 1
    if (runs < 4) throw new SluiceError('corrupt_media', { message: 'broken' })
    return runs === 5 ? colourful : black
  })
  expect(await point).toMatchObject({ kind: 'keyframe' })
  expect(mock).toHaveBeenCalledTimes(7)
})
