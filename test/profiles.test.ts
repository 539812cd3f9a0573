import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildApp } from '../api/app.ts'
import { acceptAsset } from '../core/accept.ts'
import type { AssetView } from '../core/asset-view.ts'
import { loadConfig } from '../core/config.ts'
import { readPlan } from '../core/db/plan.ts'
import { SluiceError } from '../core/errors.ts'
import { makeClips } from '../fixtures/make.ts'
import { handlers } from '../workers/handlers.ts'
import { ingestJob } from '../workers/ingest/ingest-job.ts'
import { runTask } from '../workers/run-task.ts'
import { atEnd } from './setup/at-end.ts'
import { readAsset, readTask, type TestHouse, testHouse } from './setup/house.ts'
import { receivedAsset, runTasks, runThrough } from './setup/run-through.ts'
import { tempFolder } from './setup/temp-folder.ts'

const run = promisify(execFile)
const brisk = { preset: 'ultrafast', crf: 30 }
const tiny = { ladder: [{ shortSide: 90, maxBitrate: 200_000 }], preset: 'ultrafast' }
const off = { thumbnails: false, poster: false, storyboard: false, waveform: false }
const own = {
  cheap: {
    video: {
      ...brisk,
      ladder: [
        { shortSide: 160, maxBitrate: 300_000 },
        { shortSide: 90, maxBitrate: 120_000 },
      ],
      maxFps: 15,
      segmentSeconds: 2,
      chunkSeconds: 4,
    },
    audio: { bitrate: 48_000 },
    ...off,
  },
  silent: { video: tiny, audio: false, ...off, thumbnails: { fit: 'inside' } },
  cover: { video: tiny, audio: false, ...off, poster: true },
  film: { video: tiny, ...off, mp4: { shortSide: 90 } },
  kept: { extends: 'rehost', ...off },
  small: { images: { widths: [64, 128], formats: ['webp'], web: { longSide: 200, maxBytes: 20_000 } }, ...off },
  plain: { images: { widths: [], formats: [], web: false }, ...off },
  shown: { images: false, thumbnails: { fit: 'inside' } },
}

let house: TestHouse
let clip: Awaited<ReturnType<typeof makeClips<'tone5s' | 'photo' | 'voice'>>>
beforeAll(async () => {
  const folder = await tempFolder()
  const file = path.join(folder, 'profiles.json')
  await writeFile(file, JSON.stringify(own))
  house = await testHouse({ env: { PROFILES_FILE: file } })
  clip = await makeClips({ names: ['tone5s', 'photo', 'voice'], folder })
})

/** What lies in storage of one asset, but for its source. */
async function stored({ id }: { id: string }): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of house.storage.list(`default/${id}/g1`)) keys.push(key.split('/g1/')[1] ?? '')
  return keys.sort()
}
const bytesAt = async (url: string | undefined) =>
  readFile(path.join(house.config.STORAGE_DIR, decodeURIComponent(new URL(url ?? '').pathname).replace('/media/', '')))
const ready = (asset: AssetView) => {
  expect(asset.error).toBeNull()
  expect(asset).toMatchObject({ status: 'ready', playable: true, progress: 1 })
  return asset
}

describe('rehost', () => {
  it('gives a video its original under a lasting address, facts and three thumbnails, and nothing else', async () => {
    const asset = ready(await runThrough(house, clip('tone5s'), { profile: 'rehost' }))
    expect(asset).toMatchObject({
      kind: 'video',
      profile: 'rehost',
      media: { duration: 5, width: 640, height: 360, videoCodec: 'h264' },
      playback: { original: expect.stringMatching(/\/g1\/video\/original\.mp4$/) },
      renditions: [],
      placeholder: { color: expect.any(String) },
    })
    expect(Object.keys(asset.playback ?? {})).toEqual(['original'])
    expect(await bytesAt(asset.playback?.original)).toEqual(await readFile(clip('tone5s')))
    expect(await stored(asset)).toEqual([
      ...['thumbnails/large.jpg', 'thumbnails/medium.jpg', 'thumbnails/small.jpg', 'video/original.mp4'],
    ])
    const app = await buildApp(house)
    atEnd(() => app.close())
    const play = await app.inject({ url: `/v1/assets/${asset.id}/play`, headers: { host: 'localhost' } })
    expect([play.statusCode, play.headers.location]).toEqual([302, asset.playback?.original])
    const served = await app.inject({ url: new URL(asset.playback?.original ?? '').pathname })
    expect([served.statusCode, served.headers['content-type']]).toEqual([200, 'video/mp4'])
  })

  it('gives a picture and a sound the same: no variants, no m4a', async () => {
    const photo = ready(await runThrough(house, clip('photo'), { profile: 'rehost' }))
    expect(photo.images.map(({ name }) => name)).toEqual(['original'])
    expect(photo.thumbnails).toHaveLength(3)
    const voice = ready(await runThrough(house, clip('voice'), { profile: 'rehost' }))
    expect(voice).toMatchObject({ kind: 'audio', audio: { format: 'm4a' }, media: { audioCodec: 'aac' } })
    expect(await stored(voice)).toEqual(['audio/original.m4a'])
  })

  it('with everything else off too still ends ready, with no task but looking', async () => {
    const video = ready(await runThrough(house, clip('tone5s'), { profile: 'kept' }))
    expect(await stored(video)).toEqual(['video/original.mp4'])
    const tasks = await house.db.selectFrom('tasks').select('key').where('asset_id', '=', video.id).execute()
    expect(tasks.map(({ key }) => key).sort()).toEqual(['inspect', 'publish:inspect'])
    const photo = ready(await runThrough(house, clip('photo'), { profile: 'kept' }))
    expect(await stored(photo)).toEqual(['images/original.jpg'])
    expect(photo.placeholder).toMatchObject({ thumbhash: expect.stringMatching(/^.{20,}$/) })
    expect(ready(await runThrough(house, clip('voice'), { profile: 'kept' })).thumbnails).toEqual([])
  })
})

describe('the wishes of a profile', () => {
  it('reach the encoder: ladder, caps, rate, lengths of segments and pieces, bits of sound', async () => {
    const asset = ready(await runThrough(house, clip('tone5s'), { profile: 'cheap' }))
    expect(asset.renditions.map(({ name, frameRate }) => `${name} ${frameRate}`)).toEqual(['160p 12.5', '90p 12.5'])
    expect(asset).toMatchObject({ thumbnails: [], placeholder: null })
    expect(Object.keys(asset.playback ?? {})).toEqual(expect.not.arrayContaining(['poster', 'original']))
    const plan = await readPlan(house.db, { id: asset.id, generation: 1 })
    expect(plan).toMatchObject({
      stills: null,
      video: { encoder: { preset: 'ultrafast', crf: 30 }, audio: [{ bitrate: 48_000 }] },
    })
    const master = path.join(house.config.STORAGE_DIR, 'default', asset.id, 'g1/hls/160p/playlist.m3u8')
    const list = await readFile(master, 'utf8')
    expect([...list.matchAll(/#EXTINF:([\d.]+)/g)].map(([, seconds]) => Number(seconds))).toEqual([2, 2, 1.04])
    const pieces = await house.db
      .selectFrom('tasks')
      .select('key')
      .where('asset_id', '=', asset.id)
      .where('key', 'like', 'encode:%')
      .execute()
    expect(pieces).toHaveLength(2)
  })

  it('without sound make silent video, and `inside` shows all of the picture with bars', async () => {
    const asset = ready(await runThrough(house, clip('tone5s'), { profile: 'silent' }))
    const master = await readFile(
      path.join(house.config.STORAGE_DIR, 'default', asset.id, 'g1/hls/master.m3u8'),
      'utf8',
    )
    expect(master).not.toMatch(/TYPE=AUDIO|mp4a/)
    expect(asset.thumbnails.map(({ width, height }) => [width, height])).toEqual([
      [320, 180],
      [640, 360],
      [1280, 720],
    ])
    const photo = ready(await runThrough(house, clip('photo'), { profile: 'shown' }))
    const { data, info } = await sharp(await bytesAt(photo.thumbnails[0]?.url))
      .raw()
      .toBuffer({ resolveWithObject: true })
    const left = data.subarray((90 * info.width + 5) * 3, (90 * info.width + 5) * 3 + 3)
    const middle = data.subarray((90 * info.width + 160) * 3, (90 * info.width + 160) * 3 + 3)
    expect([info.width, info.height]).toEqual([320, 180])
    expect(new Set(left).size).toBe(1)
    expect([...middle]).not.toEqual([...left])
    expect(photo.images.map(({ name }) => name)).toEqual(['original'])
  })

  it('make a poster without thumbnails', async () => {
    const asset = ready(await runThrough(house, clip('tone5s'), { profile: 'cover' }))
    expect(asset.thumbnails).toEqual([])
    expect(await sharp(await bytesAt(asset.playback?.poster)).metadata()).toMatchObject({ width: 640, height: 360 })
  })

  it('choose the widths, formats and budget of pictures, or none at all', async () => {
    const photo = ready(await runThrough(house, clip('photo'), { profile: 'small' }))
    expect(await stored(photo)).toEqual([
      ...['images/original.jpg', 'images/w128.webp', 'images/w64.webp', 'images/web.jpg'],
    ])
    const web = photo.images.find(({ name }) => name === 'web')
    expect(web).toMatchObject({ width: 200, height: 150 })
    expect(web?.bytes).toBeLessThanOrEqual(20_000)
    expect(await stored(await runThrough(house, clip('photo'), { profile: 'plain' }))).toEqual(['images/original.jpg'])
  })

  it('choose how sound is made', async () => {
    const voice = ready(await runThrough(house, clip('voice'), { profile: 'cheap' }))
    expect(voice.audio).toMatchObject({ format: 'm4a' })
    expect(await stored(voice)).toEqual(['audio/audio.m4a', 'audio/original.m4a'])
    const file = path.join(house.config.STORAGE_DIR, 'default', voice.id, 'g1/audio/audio.m4a')
    const { stdout } = await run('ffprobe', ['-v', 'error', '-show_entries', 'stream=bit_rate', '-of', 'csv=p=0', file])
    expect(Number(stdout)).toBeLessThan(60_000)
  })
})

describe('a progressive MP4', () => {
  it('is made after everything else, and ready waits for it', async () => {
    const asset = ready(await runThrough(house, clip('tone5s'), { profile: 'film' }))
    expect(Object.keys(asset.playback ?? {})).toEqual(expect.arrayContaining(['hls', 'mp4']))
    const bytes = await bytesAt(asset.playback?.mp4)
    expect(bytes.indexOf('moov')).toBeLessThan(bytes.indexOf('mdat'))
    const tasks = await house.db
      .selectFrom('tasks')
      .select('key')
      .where('asset_id', '=', asset.id)
      .orderBy('finished_at')
      .execute()
    expect(tasks.slice(-2).map(({ key }) => key)).toEqual(['mp4', 'publish:mp4'])
    expect(tasks.filter(({ key }) => key === 'mp4')).toHaveLength(1)
  })

  it('that cannot be made fails the asset rather than leaving it to wait for ever', async () => {
    const id = await receivedAsset(house, clip('tone5s'), { profile: 'film' })
    const refuse: typeof handlers.mp4 = async () => {
      throw new SluiceError('output_invalid', { message: 'not today' })
    }
    await runTasks(house, id, { ...handlers, mp4: refuse })
    expect(await readAsset(house, id)).toMatchObject({ status: 'failed', error: { code: 'output_invalid' } })
  })
})

describe('the name of a profile', () => {
  it('that nobody knows is refused when an asset is accepted, by HTTP and on the queue alike', async () => {
    const source = { type: 'url', url: 'https://example.com/a.mp4' } as const
    await expect(acceptAsset(house, { tenant: 'default', profile: 'gold', source })).rejects.toMatchObject({
      code: 'invalid_request',
      errors: [{ path: 'profile', message: expect.stringContaining('default, fast, rehost, uhd, cheap') }],
    })
    const data = { source: { url: 'https://example.com/a.mp4' }, profile: 'gold' }
    await expect(ingestJob({ house, job: { id: '1', timestamp: 1, data } })).rejects.toMatchObject({
      name: 'UnrecoverableError',
      message: expect.stringMatching(/^invalid_request: there is no profile "gold"/),
    })
  })

  it('that this worker does not know waits for one that does, and ends with a clear code after ten minutes', async () => {
    const id = await receivedAsset(house, clip('voice'), { profile: 'cheap' })
    const older = { ...house, config: { ...house.config, profiles: loadConfig({}).profiles } }
    const task = await house.db.selectFrom('tasks').select('id').where('asset_id', '=', id).executeTakeFirstOrThrow()
    const run = () => runTask({ house: older, taskId: task.id, handlers, closing: new AbortController().signal })
    // However long it lay in the queue before.
    await house.db
      .updateTable('tasks')
      .set({ created_at: new Date(0) })
      .where('id', '=', task.id)
      .execute()
    for (let tries = 0; tries < 5; tries++) expect(await run()).toEqual({ end: 'again', restMs: 10_000 })
    const waiting = await readTask(house, task.id)
    expect(waiting).toMatchObject({ status: 'pending', failures: 0, error: { code: 'unknown_profile' } })
    const since = new Date(Date.now() - 601_000).toISOString()
    const error = JSON.stringify({ ...waiting.error, since })
    await house.db.updateTable('tasks').set({ error }).where('id', '=', task.id).execute()
    expect((await run()).end).toBe('failed')
    expect(await readAsset(house, id)).toMatchObject({
      status: 'failed',
      error: { code: 'unknown_profile', message: 'The workers know no profile "cheap".', retryable: true },
    })
  })

  it('becomes a plan once: a file that changes under an asset in the making changes nothing about it', async () => {
    const id = await receivedAsset(house, clip('tone5s'), { profile: 'cheap' })
    const first = await house.db.selectFrom('tasks').select('id').where('asset_id', '=', id).executeTakeFirstOrThrow()
    await runTask({ house, taskId: first.id, handlers, closing: new AbortController().signal })
    const later = { ...house, config: { ...house.config, profiles: loadConfig({}).profiles } }
    await runTasks(later, id)
    expect(await readAsset(house, id)).toMatchObject({ status: 'ready', profile: 'cheap' })
    expect(await stored({ id })).toContain('hls/90p/playlist.m3u8')
  })
})
