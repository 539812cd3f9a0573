/** @import { Asset } from './types.d.ts' */
import { createFromAddress } from './api.js'
import { byId, setText } from './dom.js'
import { ApiError } from './http.js'

/**
 * Every way a person hands something in: drop, choose, paste, or an address.
 * @param {{ onFiles: (files: File[]) => void, onAccepted: (asset: Asset) => void, say: (news: string) => void }} options
 */
export function intake({ onFiles, onAccepted, say }) {
  const picker = /** @type {HTMLInputElement} */ (byId('files'))
  byId('drop').addEventListener('click', () => picker.click())
  picker.addEventListener('click', (event) => event.stopPropagation())
  picker.addEventListener('change', () => {
    onFiles([...(picker.files ?? [])])
    picker.value = ''
  })
  takeDrops({ onFiles, say })
  const send = takeAddresses({ onAccepted, say })
  document.addEventListener('paste', (event) => {
    const files = [...(event.clipboardData?.files ?? [])]
    const text = event.clipboardData?.getData('text/plain').trim() ?? ''
    if (files.length > 0) onFiles(files)
    else if (/^https?:\/\/\S+$/.test(text) && !(event.target instanceof HTMLInputElement)) send(text)
  })
}

/** The whole window takes a drop: whoever misses the field must not lose the page to the file. */
function takeDrops(/** @type {{ onFiles: (files: File[]) => void, say: (news: string) => void }} */ { onFiles, say }) {
  const page = document.documentElement
  const carriesFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes('Files') ?? false
  let depth = 0
  const shade = (/** @type {number} */ change) => {
    depth = Math.max(0, depth + change)
    page.classList.toggle('dragging', depth > 0)
  }
  page.addEventListener('dragenter', (event) => carriesFiles(event) && shade(1))
  page.addEventListener('dragleave', (event) => carriesFiles(event) && shade(-1))
  page.addEventListener('dragover', (event) => {
    if (!carriesFiles(event)) return
    event.preventDefault()
    if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy'
  })
  page.addEventListener('drop', (event) => {
    shade(-depth)
    if (!carriesFiles(event)) return
    event.preventDefault()
    const { files, folders } = dropped(/** @type {DataTransfer} */ (event.dataTransfer))
    if (folders > 0) say('A folder cannot be sent as one: drop the files in it')
    onFiles(files)
  })
}

/** @param {DataTransfer} transfer */
function dropped(transfer) {
  const items = [...transfer.items].filter(({ kind }) => kind === 'file')
  const isFolder = (/** @type {DataTransferItem} */ item) => item.webkitGetAsEntry?.()?.isDirectory ?? false
  const files = items.filter((item) => !isFolder(item)).map((item) => item.getAsFile())
  return { files: files.filter((file) => file !== null), folders: items.filter(isFolder).length }
}

/** @param {{ onAccepted: (asset: Asset) => void, say: (news: string) => void }} options */
function takeAddresses({ onAccepted, say }) {
  const field = /** @type {HTMLInputElement} */ (byId('address'))
  const problem = byId('address-problem')
  const show = (/** @type {string} */ text) => {
    setText(problem, text)
    field.setAttribute('aria-invalid', String(text !== ''))
  }

  /** Several addresses may be pasted at once; those that were refused stay in the field. @param {string} text */
  const send = async (text) => {
    const addresses = text.split(/\s+/).filter((address) => address !== '')
    show(addresses.length === 0 ? 'Enter an address, for example https://example.com/video.mp4' : '')
    const refused = []
    for (const address of addresses) {
      try {
        onAccepted(await createFromAddress(address))
        say('The address was accepted')
      } catch (error) {
        if (!(error instanceof ApiError)) throw error
        refused.push(address)
        show(`${error.message} (${error.code})`)
      }
    }
    field.value = refused.join(' ')
  }
  byId('address-form').addEventListener('submit', (event) => {
    event.preventDefault()
    send(field.value)
  })
  field.addEventListener('input', () => show(''))
  return send
}
