import { createHash } from 'node:crypto'
import * as tus from 'tus-js-client'
import { creationKey } from '../../client/creation-key.ts'
import { bytes } from '../amounts.ts'
import { openProgress } from '../progress.ts'
import { note } from '../terminal.ts'
import { keptUploads } from './kept-uploads.ts'
import { type OpenFile, openFile } from './open-file.ts'

type Sending = {
  source: string
  url: string
  key?: string | undefined
  metadata: Record<string, string>
  quiet: boolean
  stop: AbortSignal
}

const chunkSize = 16 * 2 ** 20
/** Half a minute and more: an API that is being replaced comes back. */
const retryDelays = [200, 500, 1_000, 2_000, 4_000, 8_000, 15_000]

/** Uploads over tus; gives the id of the asset. A file's upload that broke off in an earlier run is gone on with. */
export async function sendFile({ source, ...sending }: Sending): Promise<string> {
  if (source === '-') return send(undefined, sending)
  const file = await openFile(source)
  try {
    return await send(file, sending)
  } finally {
    await file.close()
  }
}

async function send(file: OpenFile | undefined, sending: Omit<Sending, 'source'>): Promise<string> {
  const { url, key, metadata, quiet, stop } = sending
  const progress = openProgress({ quiet })
  const since = performance.now()
  const done = Promise.withResolvers<string>()
  const creation = creationKey()
  const upload = new tus.Upload(file ? Buffer.alloc(0) : process.stdin, {
    endpoint: new URL('/v1/tus', url).href,
    ...{ chunkSize, retryDelays, metadata },
    ...(key && { headers: { authorization: `Bearer ${key}` } }),
    ...(file ? remembered(file, { sending, onBroken: done.reject }) : { uploadLengthDeferred: true }),
    onBeforeRequest: (request) => creation.setOn(request),
    onAfterResponse: (request, response) => creation.renewIfOver(request, response.getStatus()),
    onProgress: (sent, total) => {
      const speed = sent / ((performance.now() - since) / 1_000)
      progress.show({ done: sent, total: total || sent, said: `${bytes(sent)}  ${bytes(speed)}/s` })
    },
    onSuccess: () => done.resolve(upload.url?.split('/').at(-1) ?? ''),
    onError: (error) => done.reject(new Error(messageOf(error), { cause: error })),
  })
  const onStop = () => done.reject(new Error(file ? 'stopped; the same command goes on where it was' : 'stopped'))
  stop.addEventListener('abort', onStop)
  // Stopped before anybody waits for it is no crash.
  done.promise.catch(() => undefined)
  try {
    const [before] = file ? await upload.findPreviousUploads() : []
    if (before) upload.resumeFromPreviousUpload(before)
    if (stop.aborted) onStop()
    else upload.start()
    return await done.promise
  } finally {
    stop.removeEventListener('abort', onStop)
    await upload.abort()
    progress.end()
  }
}

type OfFile = { sending: Pick<Sending, 'url' | 'metadata'>; onBroken: (why: unknown) => void }

/** Gone on with only as what it was begun as: another visibility or profile is another upload. */
function remembered(file: OpenFile, { sending: { url, metadata }, onBroken }: OfFile): tus.UploadOptions {
  const hash = createHash('sha256')
    .update(JSON.stringify([file.name, url, metadata]))
    .digest('hex')
  const slice = async (start: number, end: number) => {
    try {
      const value = await file.read(start, end)
      // tus-js-client asks for a size, whatever it is given.
      return { value: Object.assign(value, { size: value.length }), done: end >= file.size }
    } catch (error) {
      onBroken(error)
      throw error
    }
  }
  return {
    fileReader: { openFile: async () => ({ size: file.size, slice, close: () => undefined }) },
    uploadSize: file.size,
    fingerprint: async () => hash,
    urlStorage: keptUploads(url, (why) =>
      note(`where this upload is cannot be written down, so it could not be gone on with (${String(why)})`),
    ),
    removeFingerprintOnSuccess: true,
  }
}

/** The problem in the answer says more than that there was one. */
function messageOf(error: Error): string {
  const body = error instanceof tus.DetailedError ? error.originalResponse?.getBody() : undefined
  const [, code, detail] = /"code":"(\w+)".*?"detail":"([^"]*)"/s.exec(body ?? '') ?? []
  if (code !== undefined) return `${code}: ${detail ?? ''}`
  return body?.trim() || error.message
}
