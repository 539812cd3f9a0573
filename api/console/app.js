import { ApiError, hasKey, listAssets, useKey } from './api.js'
import { byId, setText } from './dom.js'
import { intake } from './intake.js'
import { assetList } from './list.js'
import { keepFresh } from './live.js'
import { viewer } from './player.js'
import { uploads } from './uploads.js'

const say = (/** @type {string} */ news) => setText(byId('news'), news)
const open = viewer({ dialog: /** @type {HTMLDialogElement} */ (byId('viewer')), say })
const list = assetList({ root: byId('assets'), fetchPage: listAssets, open, say })
let looked = false

const sending = uploads({
  root: byId('uploads'),
  onAccepted: (asset) => accepted(asset),
  onChange: () => showAround(),
  say,
})

const askNow = keepFresh({
  refresh: async () => {
    const told = await list.refresh()
    looked = true
    byId('key-form').hidden = true
    showTrouble('')
    showAround()
    return told
  },
  onFailure: failed,
})

/** @param {import('./types.d.ts').Asset} asset */
function accepted(asset) {
  list.put(asset)
  showAround()
  askNow()
}

/** The first question for a key is no trouble; a key that was refused is. @param {unknown} error */
function failed(error) {
  // A fault of this page belongs into the browser's console, and must not stop the watching.
  if (!(error instanceof ApiError)) reportError(error)
  const wantsKey = error instanceof ApiError && (error.status === 401 || error.status === 403)
  byId('key-form').hidden = !wantsKey
  const reason = error instanceof ApiError ? error.message : 'The answer could not be read'
  if (wantsKey) showTrouble(hasKey() ? `That key was refused: ${reason}` : '')
  else showTrouble(`${reason}. Trying again …`)
}

/** @param {string} text */
function showTrouble(text) {
  const line = byId('trouble')
  setText(line, text)
  line.hidden = text === ''
}

/** Everything around the rows that depends on how many there are. */
function showAround() {
  const { all, unfinished } = list.counts()
  const busy = unfinished + sending.busy()
  byId('empty').hidden = !looked || all + sending.count() > 0
  byId('more').hidden = !list.hasMore()
  setText(byId('summary'), busy > 0 ? `${busy} in progress` : '')
  const key = hasKey() ? '-H "Authorization: Bearer $SLUICE_KEY" ' : ''
  setText(byId('curl'), `curl ${key}-F file=@video.mp4 ${location.origin}/v1/assets`)
}

intake({ onFiles: sending.add, onAccepted: accepted, say })
byId('more').addEventListener('click', async () => {
  await list.loadMore().catch(failed)
  showAround()
})
byId('key-form').addEventListener('submit', (event) => {
  event.preventDefault()
  useKey(/** @type {HTMLInputElement} */ (byId('key')).value.trim())
  askNow()
})
