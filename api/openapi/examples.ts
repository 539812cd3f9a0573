const id = '01981f6e-3c00-7000-8000-000000000001'
const at = (seconds: number) => `2026-01-01T00:00:0${seconds}.000Z`
const made = `https://media.example.com/media/default/${id}/g1`
const still = (name: string, width: number, height: number, bytes: number) => ({
  ...{ name, width, height, format: 'jpeg', bytes },
  url: `${made}/thumbnails/${name}.jpg`,
})

/** A film that is ready. */
export const exampleAsset = {
  ...{ id, kind: 'video', status: 'ready', playable: true, progress: 1, generation: 1, profile: 'default' },
  ...{ externalId: 'order-17', metadata: { album: 'summer' }, visibility: 'public' },
  source: {
    ...{ type: 'url', filename: 'cat.mp4', bytes: 4_718_592, receivedBytes: 4_718_592, mime: 'video/mp4' },
    sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    url: 'https://cdn.example.com/cat.mp4',
  },
  media: {
    ...{ duration: 12.48, width: 1920, height: 1080, fps: 29.97, rotation: 0, videoCodec: 'h264', hdr: false },
    ...{ audioCodec: 'aac', audioChannels: 2, audioSampleRate: 48_000, audioTracks: 1 },
  },
  playback: {
    ...{ hls: `${made}/hls/master.m3u8`, dash: `${made}/dash/manifest.mpd` },
    poster: `${made}/poster.jpg`,
  },
  renditions: [
    { name: '1080p', width: 1920, height: 1080, bandwidth: 5_123_456, codecs: 'avc1.640028', frameRate: 29.97 },
  ],
  thumbnails: [still('small', 320, 180, 9_876), still('medium', 640, 360, 29_876), still('large', 1280, 720, 79_876)],
  storyboard: { vtt: `${made}/storyboard/storyboard.vtt`, tileWidth: 160, tileHeight: 90, interval: 5 },
  ...{ images: [], srcset: null, audio: null },
  placeholder: { thumbhash: '1QcSHQRnh493V4dIh4eXh1h4kJUI', color: '#a1b2c3' },
  timings: { receivedMs: 812, waitedMs: 9, firstPlayableMs: 1_900, totalMs: 6_400 },
  error: null,
  ...{ createdAt: at(0), updatedAt: at(7), playableAt: at(3), readyAt: at(7) },
}

/** The same a moment after it was sent in. */
export const exampleQueued = {
  ...exampleAsset,
  ...{ kind: null, status: 'queued', playable: false, progress: 0, media: null, playback: null, renditions: [] },
  source: { ...exampleAsset.source, bytes: null, receivedBytes: 0, mime: null, sha256: null },
  ...{ thumbnails: [], storyboard: null, placeholder: null, updatedAt: at(0), playableAt: null, readyAt: null },
  timings: { receivedMs: null, waitedMs: null, firstPlayableMs: null, totalMs: null },
}

export const exampleUpload = {
  ...{ id, assetId: id, status: 'open', strategy: 'chunks', bytes: 10_485_760, receivedBytes: 3_145_728 },
  ...{ chunkBytes: 1_048_576, chunks: 10, expiresAt: '2026-01-02T00:00:00.000Z' },
  missing: [
    [1, 4],
    [7, 9],
  ],
}

export const exampleGeneration = {
  ...{ generation: 1, status: 'ready', served: true, tasks: 9 },
  ...{ createdAt: '2026-01-02T03:04:05.000Z', finishedAt: '2026-01-02T03:04:29.000Z' },
}

export const exampleTask = {
  ...{ id: '01981f6e-3c00-7000-8000-000000000002', key: 'encode:3', queue: 'video', status: 'running' },
  ...{ progress: 0.4, worker: 'worker-7f9c:12', attempts: 1, failures: 0, crashes: 0, error: null },
  ...{ createdAt: at(0), startedAt: at(1), finishedAt: null },
}

export const exampleWebhook = {
  ...{ id: '01981f6e-3c00-7000-8000-000000000005', url: 'https://shop.example.com/hooks/sluice' },
  ...{ events: ['asset.ready', 'asset.failed'], status: 'enabled', disabledReason: null, failingSince: null },
  ...{ disabledAt: null, createdAt: at(0) },
}

export const exampleSecret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw1eA0f7pYb3c='

export const exampleDelivery = {
  ...{ id: '01981f6e-3c00-7000-8000-000000000006', webhookId: exampleWebhook.id },
  ...{ eventId: '01981f6e-3c00-7000-8000-000000000004', type: 'asset.ready', assetId: id },
  ...{ status: 'pending', attempts: 1, responseStatus: 503, error: 'The endpoint answered 503' },
  tries: [{ at: at(7), ms: 41, status: 503, error: 'The endpoint answered 503' }],
  ...{ nextAttemptAt: '2026-01-01T00:00:12.000Z', createdAt: at(7), deliveredAt: null },
}
