// Made by `npm run docs` from the document of the API, and thereby from the schemas that validate.

/** Every stable code; a newer server may have more. */
export type ErrorCode =
  | 'invalid_request'
  | 'malformed_request'
  | 'unsupported_media_type'
  | 'not_found'
  | 'method_not_allowed'
  | 'conflict'
  | 'too_many_webhooks'
  | 'event_forgotten'
  | 'unauthorized'
  | 'forbidden'
  | 'rate_limited'
  | 'too_many_streams'
  | 'quota_exceeded'
  | 'upload_token_used'
  | 'type_not_accepted'
  | 'too_large'
  | 'range_not_satisfiable'
  | 'upload_interrupted'
  | 'upload_expired'
  | 'upload_incomplete'
  | 'direct_uploads_off'
  | 'upload_finished'
  | 'offset_mismatch'
  | 'tus_version'
  | 'upload_locked'
  | 'checksum_mismatch'
  | 'idempotency_key_reused'
  | 'idempotency_in_progress'
  | 'url_not_allowed'
  | 'source_expired'
  | 'source_unavailable'
  | 'source_not_allowed'
  | 'source_changed'
  | 'source_gone'
  | 'source_invalid_response'
  | 'source_too_slow'
  | 'unsupported_container'
  | 'unsupported_codec'
  | 'encrypted_media'
  | 'corrupt_media'
  | 'no_media_streams'
  | 'too_long'
  | 'too_many_pixels'
  | 'unsafe_media'
  | 'unknown_profile'
  | 'output_invalid'
  | 'encoder_failed'
  | 'encoder_stalled'
  | 'resource_limit'
  | 'decoder_crashed'
  | 'poisoned'
  | 'queue_unsafe'
  | 'tools_unsafe'
  | 'storage_not_writable'
  | 'storage_unavailable'
  | 'no_space'
  | 'unavailable'
  | 'internal'

export type NewAsset = {
  kind?: 'video' | 'image' | 'audio' | undefined
  profile?: string | undefined
  externalId?: string | undefined
  metadata?: Record<string, string | number | boolean | null> | undefined
  priority?: 'high' | 'normal' | 'low' | undefined
  visibility?: 'public' | 'private' | undefined
  webhookUrl?: string | undefined
  source: {
    url: string
  } | {
    object: string
  }
}

export type NewAssetForm = {
  kind?: 'video' | 'image' | 'audio' | undefined
  profile?: string | undefined
  externalId?: string | undefined
  metadata?: string | undefined
  priority?: 'high' | 'normal' | 'low' | undefined
  visibility?: 'public' | 'private' | undefined
  webhookUrl?: string | undefined
}

export type NewAssets = {
  items: NewAsset[]
}

export type NewUpload = {
  kind?: 'video' | 'image' | 'audio' | undefined
  profile?: string | undefined
  externalId?: string | undefined
  metadata?: Record<string, string | number | boolean | null> | undefined
  priority?: 'high' | 'normal' | 'low' | undefined
  visibility?: 'public' | 'private' | undefined
  webhookUrl?: string | undefined
  filename: string
  bytes: number
  chunkBytes?: number | undefined
  sha256?: string | undefined
  strategy?: 'chunks' | 'direct' | undefined
}

export type Completion = {
  parts?: ({
    partNumber: number
    etag: string
  })[] | undefined
}

export type WantedParts = {
  partNumbers: number[]
}

export type SignWish = {
  expiresIn?: number | undefined
}

export type ReprocessWish = {
  profile?: string | undefined
}

export type AssetQuery = {
  limit?: number | undefined
  cursor?: string | undefined
  status?: 'waiting' | 'queued' | 'processing' | 'ready' | 'failed' | 'cancelled' | undefined
  kind?: 'video' | 'image' | 'audio' | undefined
  externalId?: string | undefined
  createdAfter?: string | undefined
  createdBefore?: string | undefined
}

export type NewWebhook = {
  url: string
  /** Those of assets, where it is not said */
  events?: ('asset.created' | 'asset.uploaded' | 'asset.playable' | 'asset.ready' | 'asset.failed' | 'asset.cancelled' | 'asset.deleted' | 'webhook.disabled')[] | undefined
}

export type UploadTokenWish = {
  expiresIn?: number | undefined
  maxBytes?: number | undefined
  accept?: string[] | undefined
  profile?: string | undefined
  metadata?: Record<string, string | number | boolean | null> | undefined
}

export type Asset = {
  id: string
  /** Decided from the bytes; null until they were looked at */
  kind: 'video' | 'image' | 'audio' | null
  status: 'waiting' | 'queued' | 'processing' | 'ready' | 'failed' | 'cancelled'
  /** True as soon as every quality can start playing: for video long before `ready` */
  playable: boolean
  progress: number
  generation: number
  profile: string
  externalId: string | null
  metadata: Record<string, string | number | boolean | null>
  visibility: 'public' | 'private'
  source: {
    type: 'upload' | 'url' | 'object'
    filename: string | null
    bytes: number | null
    receivedBytes: number
    /** By the bytes, never by the name */
    mime: string | null
    sha256: string | null
    object?: string | undefined
    /** Without its query, which holds signatures */
    url?: string | undefined
  }
  media: {
    /** Seconds */
    duration?: number | null | undefined
    /** As shown: rotation and pixel shape applied */
    width?: number | undefined
    height?: number | undefined
    fps?: number | null | undefined
    rotation?: number | undefined
    videoCodec?: string | undefined
    audioCodec?: string | null | undefined
    audioChannels?: number | undefined
    audioSampleRate?: number | undefined
    audioTracks?: number | undefined
    hdr?: boolean | undefined
    format?: string | undefined
    [name: string]: unknown
  } | null
  playback: {
    hls?: string | undefined
    dash?: string | undefined
    mp4?: string | undefined
    original?: string | undefined
    poster?: string | undefined
  } | null
  /** Best first */
  renditions: ({
    name: string
    width: number
    height: number
    bandwidth: number
    codecs: string
    frameRate: number
  })[]
  thumbnails: ({
    name: string
    width: number
    height: number
    format: string
    bytes: number
    url: string
  })[]
  storyboard: {
    vtt: string
    tileWidth: number
    tileHeight: number
    interval: number
  } | null
  /** The original first, then each format from small to large */
  images: ({
    name: string
    width: number
    height: number
    format: string
    bytes: number
    url: string
  })[]
  /** Ready for the attribute of the same name */
  srcset: {
    avif?: string | undefined
    webp?: string | undefined
  } | null
  audio: {
    url: string
    format: string
    bytes: number
    waveform?: string | undefined
  } | null
  placeholder: {
    thumbhash: string
    color: string
  } | null
  timings: {
    receivedMs: number | null
    waitedMs: number | null
    firstPlayableMs: number | null
    totalMs: number | null
  }
  error: {
    code: string
    message: string
    retryable: boolean
    taskId: string | null
  } | null
  createdAt: string
  updatedAt: string
  playableAt: string | null
  readyAt: string | null
}

export type AssetList = {
  data: Asset[]
  nextCursor: string | null
}

export type BatchAnswer = {
  data: (Asset | Problem)[]
}

export type SignedAsset = {
  playback: {
    hls?: string | undefined
    dash?: string | undefined
    mp4?: string | undefined
    original?: string | undefined
    poster?: string | undefined
  } | null
  thumbnails: ({
    name: string
    width: number
    height: number
    format: string
    bytes: number
    url: string
  })[]
  storyboard: {
    vtt: string
    tileWidth: number
    tileHeight: number
    interval: number
  } | null
  images: ({
    name: string
    width: number
    height: number
    format: string
    bytes: number
    url: string
  })[]
  srcset: {
    avif?: string | undefined
    webp?: string | undefined
  } | null
  audio: {
    url: string
    format: string
    bytes: number
    waveform?: string | undefined
  } | null
  expiresAt: string
}

export type Generation = {
  generation: number
  /** How far it is, or how it ended */
  status: 'waiting' | 'queued' | 'processing' | 'ready' | 'failed' | 'cancelled'
  /** Whether readers are sent to it */
  served: boolean
  tasks: number
  createdAt: string
  /** When its last task so far ended */
  finishedAt: string | null
}

export type GenerationList = {
  data: Generation[]
  nextCursor: null
}

export type Task = {
  id: string
  /** What it does, and to which piece: `fetch`, `encode:3` */
  key: string
  queue: 'intake' | 'fetch' | 'video' | 'audio' | 'image' | 'publish' | 'notify' | 'upkeep'
  status: 'pending' | 'running' | 'done' | 'failed' | 'cancelled'
  progress: number
  worker: string | null
  attempts: number
  failures: number
  crashes: number
  /** Of its last failure */
  error: {
    code: string
    message: string
    at: string
    since?: string | undefined
  } | null
  createdAt: string
  startedAt: string | null
  finishedAt: string | null
}

export type TaskList = {
  data: Task[]
  nextCursor: null
}

export type Upload = {
  id: string
  assetId: string
  status: 'open' | 'done'
  strategy: 'chunks' | 'direct'
  bytes: number
  receivedBytes: number
  chunkBytes: number
  chunks: number
  /** Ranges of chunks that have not come, both ends included */
  missing: ([number, number])[]
  expiresAt: string
}

export type PartList = {
  data: ({
    partNumber: number
    /** Takes one PUT, without a key */
    url: string
    expiresAt: string
    /** What the part must have, where the sizes were settled beforehand */
    bytes?: number | undefined
  })[]
}

export type UploadToken = {
  id: string
  token: string
  expiresAt: string
}

export type Webhook = {
  id: string
  url: string
  events: string[]
  status: 'enabled' | 'disabled'
  /** `gone`: it answered 410; `failing`: nothing else came from it for 5 days */
  disabledReason: 'gone' | 'failing' | null
  failingSince: string | null
  disabledAt: string | null
  createdAt: string
}

export type NewWebhookAnswer = {
  id: string
  url: string
  events: string[]
  status: 'enabled' | 'disabled'
  /** `gone`: it answered 410; `failing`: nothing else came from it for 5 days */
  disabledReason: 'gone' | 'failing' | null
  failingSince: string | null
  disabledAt: string | null
  createdAt: string
  /** `whsec_…`; shown this once */
  secret: string
}

export type WebhookList = {
  data: Webhook[]
  nextCursor: null
}

export type WebhookSecret = {
  /** `whsec_…`; shown this once */
  secret: string
}

export type Delivery = {
  id: string
  webhookId: string
  /** `webhook-id`, the same at each try and in the streams */
  eventId: string
  type: string
  assetId: string
  status: 'pending' | 'delivered' | 'failed'
  attempts: number
  responseStatus: number | null
  error: string | null
  /** The last ones */
  tries: ({
    at: string
    ms: number
    status: number | null
    error: string | null
  })[]
  /** Not before; an earlier event of the same asset goes first */
  nextAttemptAt: string | null
  createdAt: string
  deliveredAt: string | null
}

export type DeliveryList = {
  data: Delivery[]
  nextCursor: string | null
}

export type Health = {
  status: 'up' | 'degraded'
  components: {
    database: {
      status: 'up' | 'down'
      ms: number
    }
    queue: {
      status: 'up' | 'down'
      ms: number
    }
    storage: {
      status: 'up' | 'down'
      ms: number
    }
    disk: {
      status: 'up' | 'down'
      ms: number
    }
  }
  tasks: {
    poisoned: number | null
  }
  workers: Record<string, unknown> | null
}

export type Problem = {
  /** `urn:sluice:error:CODE` */
  type: string
  title: string
  status: number
  /** Stable; docs/errors.md says what each means and what helps */
  code: string
  detail: string
  requestId: string
  /** Each wrong field */
  errors?: ({
    path: string
    message: string
  })[] | undefined
  /** With `upload_incomplete`: the chunks that have not come, as ranges with both ends */
  missing?: ([number, number])[] | undefined
  /** With `conflict`: the asset that is there already */
  assetId?: string | undefined
  [name: string]: unknown
}

