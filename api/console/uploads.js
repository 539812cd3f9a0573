/** @import { ApiError } from './http.js' */
import { tusFile } from './tus-file.js'
import { uploadRow } from './upload-row.js'

/** Browsers open six connections to a host: some must stay free for watching and playing. */
const atOnce = 3

/**
 * @typedef {{ file: File, row: ReturnType<typeof uploadRow>, sending?: Awaited<ReturnType<typeof tusFile>>, assetId?: string,
 *   state: 'waiting' | 'sending' | 'paused' | 'failed' | 'over' }} Upload
 */

/**
 * Files on their way: a few at once, the others wait; each can be paused, cancelled, and sent again when it broke.
 * @param {{ root: HTMLElement, onDone: (assetId: string) => void, say: (news: string) => void, onChange: () => void }} options
 */
export function uploads({ root, onDone, say, onChange }) {
  /** @type {Set<Upload>} */
  const all = new Set()
  const inState = (/** @type {Upload['state']} */ state) => [...all].filter((one) => one.state === state)

  const next = () => {
    for (const upload of inState('waiting').slice(0, Math.max(0, atOnce - inState('sending').length))) go(upload)
    onChange()
  }

  /** @param {Upload} upload */
  const go = (upload) => {
    upload.state = 'sending'
    upload.row.sending({ pause: () => pause(upload), cancel: () => cancel(upload) })
    if (upload.sending === undefined) begin(upload)
    else upload.sending.go()
  }

  /** @param {Upload} upload */
  const begin = async (upload) => {
    const { file, row } = upload
    try {
      const onAsset = (/** @type {string} */ id) => {
        upload.assetId = id
        onChange()
      }
      const onProgress = (/** @type {number} */ sent) => upload.state === 'sending' && row.progress(sent)
      upload.sending = await tusFile({ file, onProgress, onAsset })
      if (upload.sending.resumed) say(`${file.name} goes on from where it had come to`)
      if (upload.state === 'sending') upload.sending.go()
      const assetId = await upload.sending.done
      end(upload)
      onDone(assetId)
    } catch (error) {
      if (all.has(upload)) failed({ upload, error: /** @type {ApiError} */ (error) })
    }
  }

  /** @param {Upload} upload */
  const pause = (upload) => {
    upload.state = 'paused'
    upload.sending?.pause()
    upload.row.paused({ goOn: () => enqueue(upload), cancel: () => cancel(upload) })
    next()
  }

  /** @param {Upload} upload */
  const cancel = async (upload) => {
    end(upload)
    say(`The upload of ${upload.file.name} was cancelled`)
    await upload.sending?.cancel()
  }

  /** @param {{ upload: Upload, error: ApiError }} options */
  const failed = ({ upload, error }) => {
    upload.state = 'failed'
    delete upload.sending
    say(`The upload of ${upload.file.name} failed: ${error.message}`)
    upload.row.failed({ error, again: () => enqueue(upload), dismiss: () => end(upload) })
    next()
  }

  /** @param {Upload} upload */
  const enqueue = (upload) => {
    upload.state = 'waiting'
    upload.row.waiting({ cancel: () => cancel(upload) })
    next()
  }

  /** @param {Upload} upload */
  const end = (upload) => {
    upload.state = 'over'
    all.delete(upload)
    upload.row.leave()
    next()
  }

  // Leaving the page stops what is still on its way.
  window.addEventListener('beforeunload', (event) => {
    if (inState('sending').length > 0) event.preventDefault()
  })

  return {
    /** @param {File[]} files */
    add: (files) => {
      for (const file of files) {
        const row = uploadRow({ file })
        root.append(row.element)
        /** @type {Upload} */
        const upload = { file, row, state: 'waiting' }
        all.add(upload)
        row.waiting({ cancel: () => cancel(upload) })
      }
      if (files.length > 0) say(files.length === 1 ? `Uploading ${files[0]?.name}` : `Uploading ${files.length} files`)
      next()
    },
    count: () => all.size,
    busy: () => inState('waiting').length + inState('sending').length,
    /** Whether an asset is still an upload here, and has its row among those. @param {string} id */
    isHere: (id) => [...all].some(({ assetId }) => assetId === id),
  }
}
