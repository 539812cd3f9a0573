/** What the console reads of an asset; docs of the API say what each field means. */
export type Asset = {
  id: string
  kind: 'video' | 'image' | 'audio' | null
  status: 'waiting' | 'queued' | 'processing' | 'ready' | 'failed' | 'cancelled'
  playable: boolean
  progress: number
  source: { type: string; filename: string | null; bytes: number | null; receivedBytes: number | null; url?: string }
  media: { duration?: number; width?: number; height?: number; fps?: number } | null
  playback: { hls?: string; mp4?: string; original?: string; poster?: string } | null
  renditions: { name: string; width: number; height: number; bandwidth: number; codecs: string; frameRate?: number }[]
  thumbnails: Picture[]
  images: Picture[]
  audio: { url: string; bytes: number; format?: string; waveform?: string } | null
  placeholder: { color: string } | null
  timings: { firstPlayableMs: number | null; totalMs: number | null }
  error: { code: string; message: string } | null
  createdAt: string
  updatedAt: string
}

export type Picture = { name: string; width?: number; height?: number; format: string; bytes: number; url: string }

export type Page = { data: Asset[]; nextCursor: string | null; serverTime: number | undefined }

/** An upload on its way: `done` settles with the asset, or throws. */
export type Upload = { done: Promise<Asset>; abort: () => void }

declare global {
  interface Window {
    Hls?: typeof import('hls.js').default
  }
}
