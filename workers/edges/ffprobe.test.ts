import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { ClipName } from '../../fixtures/clips.ts'
import { makeClip } from '../../fixtures/make.ts'
import { probe } from './ffprobe.ts'
import { findTools, type MediaTools } from './tools.ts'

let folder = ''
let tools: MediaTools
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-probe-'))
  tools = await findTools({})
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const look = async (name: ClipName, limits = {}) =>
  probe({ tools, path: await makeClip({ name, folder }), cwd: folder, signal: new AbortController().signal, limits })

test.each([
  ['tone5s', { kind: 'video', container: 'mov', video: { width: 640, height: 360, fps: { num: 25, den: 1 } } }],
  ['portrait', { kind: 'video', video: { width: 360, height: 640, rotation: 90 } }],
  ['ntsc', { video: { fps: { num: 30_000, den: 1001 } } }],
  ['voice', { kind: 'audio', audio: [{ codec: 'aac', channels: 1 }] }],
  ['music', { kind: 'audio', container: 'mp3' }],
  ['wave', { kind: 'audio', container: 'wav', duration: 1 }],
] as const)('%s is what it was made as', async (name, facts) => {
  expect(await look(name)).toMatchObject(facts)
})

test.each(['recorder', 'matroska', 'transport'] as const)(
  '%s: where headers cannot be believed, packets are counted',
  async (name) => {
    const info = await look(name)
    const seconds = name === 'transport' ? 10 : 3
    expect(info.video?.frames).toBe(name === 'recorder' ? 45 : seconds * 25)
    expect(info.video?.duration).toBeCloseTo(seconds, 1)
    expect(info.duration).toBeCloseTo(seconds, 0)
  },
)

test('a length that only counting tells is held to the limit too', async () => {
  await expect(look('recorder', { maxDuration: 2 })).rejects.toMatchObject({ code: 'too_long' })
})

test('pictures are not for this door', async () => {
  await expect(look('photo')).rejects.toMatchObject({ code: 'unsupported_container' })
})

test('each look at a file can be held still, and is said to be over', async () => {
  const over = vi.fn()
  const courtesy = vi.fn(() => over)
  const path = await makeClip({ name: 'matroska', folder })
  await probe({ tools: { ...tools, courtesy }, path, cwd: folder, signal: new AbortController().signal })
  // Its headers, and its packets.
  expect(courtesy).toHaveBeenCalledTimes(2)
  expect(over).toHaveBeenCalledTimes(2)
})
