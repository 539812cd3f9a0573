/** What the console reads of an asset; docs of the API say what each field means. */
export type Asset = {
  id: string
  kind: 'video' | 'image' | 'audio' | null
  status: 'waiting' | 'queued' | 'processing' | 'ready' | 'failed' | 'cancelled'
  playable: boolean
  progress: number
  generation: number
  profile: string
  externalId: string | null
  visibility: 'public' | 'private'
  source: { type: string; filename: string | null; bytes: number | null; receivedBytes: number | null; url?: string }
  media: { duration?: number; width?: number; height?: number; fps?: number } | null
  playback: { hls?: string; dash?: string; mp4?: string; original?: string; poster?: string } | null
  renditions: { name: string; width: number; height: number; bandwidth: number; codecs: string; frameRate?: number }[]
  thumbnails: Picture[]
  storyboard: { vtt: string; tileWidth: number; tileHeight: number; interval: number } | null
  images: Picture[]
  audio: { url: string; bytes: number; format?: string; waveform?: string } | null
  placeholder: { color: string } | null
  timings: {
    receivedMs: number | null
    waitedMs: number | null
    firstPlayableMs: number | null
    totalMs: number | null
  }
  error: { code: string; message: string; retryable?: boolean } | null
  createdAt: string
  updatedAt: string
}

export type Picture = { name: string; width?: number; height?: number; format: string; bytes: number; url: string }

export type Task = {
  id: string
  key: string
  queue: string
  generation?: number
  status: 'pending' | 'running' | 'done' | 'failed' | 'cancelled'
  progress: number
  worker: string | null
  attempts: number
  error: { code: string; message: string } | null
  createdAt: string
  startedAt: string | null
  finishedAt: string | null
}

export type Page = { data: Asset[]; nextCursor: string | null; serverTime: number | undefined }

export type Filters = { status: string; kind: string; externalId: string }

export type Depth = { name: string; running: number; waiting: number; resting: number; failed: number; paused: boolean }
export type Depths = { queues: Depth[]; workers: number | undefined }

/** One step of an asset's way, and the pieces that it has. */
export type Stage = { name: string; state: StageState; detail: string; pieces?: Piece[] }
export type StageState = 'done' | 'running' | 'waiting' | 'failed'
export type Piece = { label: string; state: StageState; progress: number }

export type Generation = {
  generation: number
  status: Asset['status']
  served: boolean
  tasks: number
  createdAt: string
  finishedAt: string | null
}

/** What an error's code means, and what to do about it. */
export type Remedy = { title: string; remedy: string }

declare global {
  interface Window {
    Hls?: typeof import('hls.js').default
    tus?: typeof import('tus-js-client')
  }
}
