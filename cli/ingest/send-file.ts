import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import * as tus from 'tus-js-client'
import { bytes } from '../amounts.ts'
import { wrongUse } from '../options.ts'
import { openProgress } from '../progress.ts'
import { keptUploads } from './kept-uploads.ts'

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
export async function sendFile({ source, url, key, metadata, quiet, stop }: Sending): Promise<string> {
  const fromPipe = source === '-'
  const size = fromPipe ? undefined : await sizeOf(source)
  const progress = openProgress({ quiet })
  const since = performance.now()
  const memory = fromPipe ? undefined : await keptUploads(url)
  const done = Promise.withResolvers<string>()
  const body = fromPipe ? process.stdin : createReadStream(source)
  const upload = new tus.Upload(body, {
    endpoint: new URL('/v1/tus', url).href,
    ...{ chunkSize, retryDelays, metadata },
    ...(key && { headers: { authorization: `Bearer ${key}` } }),
    ...(fromPipe ? { uploadLengthDeferred: true } : { uploadSize: size ?? null }),
    ...(memory && { urlStorage: memory, removeFingerprintOnSuccess: true }),
    onProgress: (sent, total) => {
      const speed = sent / ((performance.now() - since) / 1_000)
      progress.show({ done: sent, total: total || sent, said: `${bytes(sent)}  ${bytes(speed)}/s` })
    },
    onSuccess: () => done.resolve(upload.url?.split('/').at(-1) ?? ''),
    onError: (error) => done.reject(new Error(messageOf(error), { cause: error })),
  })
  const onStop = () => {
    void upload.abort()
    done.reject(new Error(fromPipe ? 'stopped' : 'stopped; the same command goes on where it was'))
  }
  stop.addEventListener('abort', onStop)
  try {
    const [before] = memory ? await upload.findPreviousUploads() : []
    if (before) upload.resumeFromPreviousUpload(before)
    upload.start()
    return await done.promise
  } finally {
    stop.removeEventListener('abort', onStop)
    progress.end()
  }
}

async function sizeOf(file: string): Promise<number> {
  const found = await stat(file).catch(() => undefined)
  if (found?.isFile()) return found.size
  throw wrongUse('source', `there is no file ${file}`)
}

/** The problem in the answer says more than that there was one. */
function messageOf(error: Error): string {
  const body = error instanceof tus.DetailedError ? error.originalResponse?.getBody() : undefined
  const [, code, detail] = /"code":"(\w+)".*?"detail":"([^"]*)"/s.exec(body ?? '') ?? []
  if (code !== undefined) return `${code}: ${detail ?? ''}`
  return body?.trim() || error.message
}
