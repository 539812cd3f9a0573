import type { Asset } from './types.d.ts'

/** An upload of which nothing is known yet, for tests. */
export const exampleAsset: Asset = {
  id: '1',
  kind: null,
  status: 'queued',
  playable: false,
  progress: 0,
  source: { type: 'upload', filename: 'a.mp4', bytes: 1_234, receivedBytes: 1_234 },
  media: null,
  playback: null,
  renditions: [],
  thumbnails: [],
  images: [],
  audio: null,
  placeholder: null,
  timings: { receivedMs: null, waitedMs: null, firstPlayableMs: null, totalMs: null },
  generation: 1,
  profile: 'default',
  externalId: null,
  visibility: 'public',
  storyboard: null,
  error: null,
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
}
