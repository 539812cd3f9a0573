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
  onFailure: (error) => {
    if (!(error instanceof ApiError)) throw error
    const wantsKey = error.status === 401 || error.status === 403
    byId('key-form').hidden = !wantsKey
    showTrouble(troubleOf({ error, wantsKey }))
  },
})

/** @param {import('./types.d.ts').Asset} asset */
function accepted(asset) {
  list.put(asset)
  showAround()
  askNow()
}

/** The first question for a key is no trouble; a key that was refused is. @param {{ error: ApiError, wantsKey: boolean }} options */
function troubleOf({ error, wantsKey }) {
  if (wantsKey) return hasKey() ? `That key was refused: ${error.message}` : ''
  return `${error.message}. Trying again …`
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
  byId('empty').hidden = !looked || all + sending.count() > 0
  byId('more').hidden = !list.hasMore()
  setText(byId('summary'), unfinished > 0 ? `${unfinished} in progress` : '')
}

intake({ onFiles: sending.add, onAccepted: accepted, say })
byId('more').addEventListener('click', async () => {
  await list.loadMore()
  showAround()
})
byId('key-form').addEventListener('submit', (event) => {
  event.preventDefault()
  useKey(/** @type {HTMLInputElement} */ (byId('key')).value.trim())
  askNow()
})
setText(byId('curl'), `curl -F file=@video.mp4 ${location.origin}/v1/assets`)
