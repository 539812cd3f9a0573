import { classic } from './classic.js'
import { ApiError, problem } from './http.js'
import { authorization } from './key.js'

/** @param {string} url */
const assetOf = (url) => url.split('/').at(-1) ?? ''

/** Pages that are not served over https have no `randomUUID`. */
const newKey = () => crypto.getRandomValues(new Uint32Array(4)).join('-')

/**
 * One file on its way over tus. The browser remembers by the file's name, size and date where it had come to, so that the same
 * file chosen again goes on from there, after a reload too.
 * @param {{ file: File, onProgress: (sent: number) => void, onAsset: (id: string) => void }} options
 */
export async function tusFile({ file, onProgress, onAsset }) {
  await classic('/console/tus.js')
  const tus = /** @type {NonNullable<Window['tus']>} */ (window.tus)
  const { promise: done, resolve, reject } = Promise.withResolvers()
  let creation = newKey()
  const upload = new tus.Upload(file, {
    endpoint: '/v1/tus',
    metadata: { filename: file.name, ...(file.type === '' ? {} : { filetype: file.type }) },
    retryDelays: [0, 500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000],
    // Its address comes first, whatever its size: what breaks off in one call with its creation could not go on.
    uploadDataDuringCreation: false,
    removeFingerprintOnSuccess: true,
    onBeforeRequest: (request) => {
      for (const [name, value] of Object.entries(authorization())) request.setHeader(name, value)
      // One whose answer was lost is not made twice.
      if (request.getMethod() === 'POST') request.setHeader('Idempotency-Key', creation)
    },
    onAfterResponse: (request, response) => {
      // What is over is made anew. Where a server only had no answer, the same key finds what is there.
      if (request.getMethod() === 'HEAD' && [404, 410].includes(response.getStatus())) creation = newKey()
    },
    onUploadUrlAvailable: () => onAsset(assetOf(upload.url ?? '')),
    onProgress,
    onSuccess: () => resolve(assetOf(upload.url ?? '')),
    onError: (error) => reject(refusalOf(error)),
  })
  const [before] = await upload.findPreviousUploads()
  if (before !== undefined) upload.resumeFromPreviousUpload(before)
  return {
    /** The id of the asset, once all bytes are safe. @type {Promise<string>} */
    done,
    resumed: before !== undefined,
    go: () => upload.start(),
    pause: () => upload.abort(),
    /** What was sent is thrown away, here and there. One that has no address yet has nothing there. */
    cancel: () => upload.abort(true).catch(() => undefined),
  }
}

/** @param {Error & { originalResponse?: import('tus-js-client').HttpResponse | null }} error */
function refusalOf(error) {
  const response = error.originalResponse
  if (!response)
    return new ApiError({ code: 'upload_interrupted', message: 'The connection broke before all bytes arrived' })
  return problem({ status: response.getStatus(), text: response.getBody() })
}

/** Ids of assets whose uploads began in this browser and did not end. */
export function interrupted() {
  const urls = Object.keys(localStorage)
    .filter((name) => name.startsWith('tus::'))
    .map((name) => /"uploadUrl":"([^"]+)"/.exec(localStorage.getItem(name) ?? '')?.[1])
  return new Set(urls.map((url) => assetOf(url ?? '')))
}
