/** @import { Asset } from './types.d.ts' */
import { sendFile } from './api.js'
import { uploadRow } from './upload-row.js'

/** Browsers open six connections to a host: some must stay free for watching and playing. */
const atOnce = 3

/**
 * Files on their way: a few at once, the others wait; each can be cancelled, and sent again when it broke.
 * @param {{ root: HTMLElement, onAccepted: (asset: Asset) => void, say: (news: string) => void,
 *   onChange: () => void }} options
 */
export function uploads({ root, onAccepted, say, onChange }) {
  /** @type {{ file: File, row: ReturnType<typeof uploadRow> }[]} */
  const waiting = []
  let running = 0

  const next = () => {
    while (running < atOnce) {
      const upload = waiting.shift()
      if (upload === undefined) return
      start(upload)
    }
  }

  /** @param {{ file: File, row: ReturnType<typeof uploadRow> }} upload */
  const start = async (upload) => {
    const { file, row } = upload
    running += 1
    const sending = sendFile({ file, onProgress: row.progress })
    row.sending({ cancel: sending.abort })
    try {
      const asset = await sending.done
      row.element.remove()
      onAccepted(asset)
    } catch (error) {
      failed({ upload, error: /** @type {import('./api.js').ApiError} */ (error) })
    } finally {
      running -= 1
      next()
      onChange()
    }
  }

  /** @param {{ upload: { file: File, row: ReturnType<typeof uploadRow> }, error: import('./api.js').ApiError }} options */
  const failed = ({ upload, error }) => {
    if (error.code === 'cancelled') {
      upload.row.element.remove()
      say(`The upload of ${upload.file.name} was cancelled`)
      return
    }
    say(`The upload of ${upload.file.name} failed: ${error.message}`)
    upload.row.failed({ error, again: () => enqueue(upload), dismiss: () => dismiss(upload) })
  }

  /** @param {{ file: File, row: ReturnType<typeof uploadRow> }} upload */
  const enqueue = (upload) => {
    upload.row.waiting({ cancel: () => dismiss(upload) })
    waiting.push(upload)
    next()
  }

  /** @param {{ file: File, row: ReturnType<typeof uploadRow> }} upload */
  const dismiss = (upload) => {
    const at = waiting.indexOf(upload)
    if (at >= 0) waiting.splice(at, 1)
    upload.row.element.remove()
    onChange()
  }

  // Leaving the page would throw away what is still on its way.
  window.addEventListener('beforeunload', (event) => {
    if (running > 0) event.preventDefault()
  })

  return {
    /** @param {File[]} files */
    add: (files) => {
      for (const file of files) {
        const row = uploadRow({ file })
        root.prepend(row.element)
        enqueue({ file, row })
      }
      if (files.length > 0) say(files.length === 1 ? `Uploading ${files[0]?.name}` : `Uploading ${files.length} files`)
      onChange()
    },
    count: () => root.childElementCount,
    busy: () => running + waiting.length,
  }
}
