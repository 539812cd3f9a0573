import type { UploadOptions as TusOptions, Upload as TusUpload } from 'tus-js-client'
import { creationKey } from './creation-key.ts'
import { blobOf, blobSource, isBrowser, isStream, nameOf, streamSource, type Uploadable } from './file-source.ts'
import type { Http } from './http.ts'
import { problemIn } from './problem.ts'
import type { NewAsset } from './types.ts'
import { tusMetadata } from './upload-metadata.ts'

export type UploadFields = Omit<NewAsset, 'source' | 'webhookUrl'> & { filename?: string | undefined }

export type UploadOptions = UploadFields & {
  onProgress?: (sent: { bytes: number; total: number | undefined }) => void
  /** Stops sending. What came stays on the server for a while, and can be gone on with. */
  signal?: AbortSignal
  /** Go on with an upload that was begun before: its `url`; or `true` for the one that this browser remembers of the same file. */
  resume?: string | boolean
  /** How many bytes one request carries: all in a browser, 8 MiB elsewhere. Some proxies let no large body through. */
  chunkBytes?: number
  /** Of a stream, where it is known. */
  bytes?: number
}

/** An upload under way. It began by itself. */
export type Uploading = {
  /** Resolves when every byte is safe; rejects when it cannot go on (with a `SluiceProblem` where it was refused), or the signal aborts. */
  readonly finished: Promise<{ assetId: string; url: string }>
  /** Where to go on, once the server has answered. */
  readonly url: string | undefined
  readonly assetId: string | undefined
  pause(): Promise<void>
  resume(): void
  /** Gives it up on the server too. */
  cancel(): Promise<void>
}

const retryDelays = [0, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000]
const nodeChunkBytes = 8 * 2 ** 20

/** Sends a file over tus: it survives broken connections, and can be paused and gone on with. */
export function startUpload(http: Http, file: Uploadable, options: UploadOptions): Uploading {
  const { signal } = options
  let tus: TusUpload | undefined
  let assetId: string | undefined
  let paused = false
  let cancelled = false
  let fail: (reason: unknown) => void = () => undefined
  let begun: Promise<unknown> = Promise.resolve()
  const finished = new Promise<{ assetId: string; url: string }>((resolve, reject) => {
    fail = reject
    const onAsset = (id: string) => {
      assetId = id
    }
    const onSuccess = () => resolve({ assetId: assetId ?? idIn(tus?.url), url: tus?.url ?? '' })
    begun = begin({ http, file, options, isCancelled: () => cancelled, onAsset, onSuccess, onError: reject }).then(
      (upload) => {
        tus = upload
        if (signal?.aborted) reject(signal.reason)
        else if (!paused && !cancelled) upload.start()
      },
      reject,
    )
  })
  const stop = () => {
    void tus?.abort()
    fail(signal?.reason)
  }
  signal?.addEventListener('abort', stop, { once: true })
  const settled = finished.finally(() => signal?.removeEventListener('abort', stop))
  // Whoever never looks at it is told by nobody; that is no crash.
  settled.catch(() => undefined)
  return {
    finished: settled,
    get url() {
      return tus?.url ?? undefined
    },
    get assetId() {
      return assetId
    },
    async pause() {
      paused = true
      await tus?.abort()
    },
    resume() {
      if (!paused || cancelled) return
      paused = false
      tus?.start()
    },
    async cancel() {
      cancelled = true
      fail(new DOMException('the upload was cancelled', 'AbortError'))
      // What is not yet under way has an address too, where it goes on with another.
      await begun
      await tus?.abort(true)
    },
  }
}

type Beginning = {
  http: Http
  file: Uploadable
  options: UploadOptions
  isCancelled(): boolean
  onAsset(id: string): void
  onSuccess(): void
  onError(error: Error): void
}

async function begin({ http, file, options, isCancelled, onAsset, onSuccess, onError }: Beginning): Promise<TusUpload> {
  // Loaded when it is wanted: who only asks for assets needs none of it.
  const { DetailedError, Upload } = await import('tus-js-client')
  const { onProgress, resume, bytes } = options
  const creation = creationKey()
  const stream = isStream(file)
  const input = stream ? file : await blobOf(file)
  const chunkSize = options.chunkBytes ?? (stream || !isBrowser() ? nodeChunkBytes : undefined)
  const upload = new Upload(input as Blob, {
    endpoint: http.address('/v1/tus'),
    metadata: tusMetadata({ ...options, filename: options.filename ?? nameOf(file) }),
    fileReader: { openFile: async (opened) => sourceOf(opened) } as NonNullable<TusOptions['fileReader']>,
    retryDelays,
    ...(chunkSize === undefined ? {} : { chunkSize }),
    ...(stream ? (bytes === undefined ? { uploadLengthDeferred: true } : { uploadSize: bytes }) : {}),
    storeFingerprintForResuming: resume === true,
    removeFingerprintOnSuccess: true,
    async onBeforeRequest(request) {
      for (const [name, value] of Object.entries(await http.credentials())) request.setHeader(name, value)
      // A key may be long in coming, and tus sends then what was given up meanwhile.
      if (isCancelled() && request.getMethod() !== 'DELETE') throw new Error('the upload was cancelled')
      creation.setOn(request)
    },
    onAfterResponse(request, response) {
      creation.renewIfOver(request, response.getStatus())
      const id = response.getHeader('Asset-Id')
      if (id !== undefined && id !== null) onAsset(id)
    },
    onProgress: (sent, total) => onProgress?.({ bytes: sent, total: total || undefined }),
    onSuccess,
    onError: (error) => onError((error instanceof DetailedError && problemIn(error.originalResponse)) || error),
  })
  if (typeof resume === 'string') upload.url = http.address(resume)
  const [before] = resume === true ? await upload.findPreviousUploads() : []
  if (before !== undefined) upload.resumeFromPreviousUpload(before)
  return upload
}

const sourceOf = (opened: Blob | AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>) =>
  opened instanceof Blob ? blobSource(opened) : streamSource(opened)

const idIn = (url: string | null | undefined) => url?.split('/').at(-1) ?? ''
