/** @import { Asset } from './types.d.ts' */
import { listAssets, readAsset, tasksOf } from './api.js'
import { byId, setText } from './dom.js'
import { filterForm } from './filters.js'
import { glance } from './glance.js'
import { ApiError } from './http.js'
import { intake } from './intake.js'
import { forgetKey, hasKey, useKey } from './key.js'
import { assetList } from './list.js'
import { keepFresh } from './live.js'
import { hasStages } from './stages.js'
import { eventStream } from './stream.js'
import { uploads } from './uploads.js'
import { viewer } from './viewer.js'

/** Of so many rows the pieces are shown as they are made; the others say how far they are. */
const mostLookedInto = 4

const say = (/** @type {string} */ news) => setText(byId('news'), news)
const house = glance()
const filters = filterForm({ onChange: narrowed })
const sending = uploads({ root: byId('uploads'), onDone: arrived, onChange: () => showAround(), say })
const list = assetList({
  root: byId('assets'),
  fetchPage: (where) => listAssets({ ...where, filters: filters.asked() }),
  fits: filters.fits,
  isElsewhere: sending.isHere,
  open: (asset) => view.open(asset),
  onPut: (asset) => view.tell(asset),
  say,
})
const view = viewer({
  dialog: /** @type {HTMLDialogElement} */ (byId('viewer')),
  find: list.find,
  around: { profiles: list.profiles, onChanged: accepted, onGone: gone, say },
})
let [looked, listening, looking] = [false, false, false]

const stream = eventStream({
  onEvent: ({ type, data }) => {
    if (type === 'asset.deleted') return gone(data.id)
    if (!list.take(data)) return
    showAround()
    if (type === 'asset.progress') lookInto()
  },
})

const askNow = keepFresh({
  refresh: async () => {
    const told = await list.refresh()
    byId('key-form').hidden = true
    byId('forget').hidden = !hasKey()
    showTrouble('')
    looked = true
    showAround()
    if (!listening) {
      listening = true
      stream.listen()
      view.openLinked()
    }
    // The list waits for neither.
    house.look()
    lookInto()
    return told
  },
  onFailure: failed,
  isTold: stream.isOpen,
})

/** What is under way tells its pieces, and what is open is told what is new. */
async function lookInto() {
  if (looking) return
  looking = true
  const rows = list.unfinished().filter((row) => hasStages(row.asset()) && !row.element.hidden)
  await Promise.all(
    rows.slice(0, mostLookedInto).map(async (row) => {
      const tasks = await tasksOf(row.asset().id).catch(() => undefined)
      if (tasks !== undefined) row.tell(tasks)
    }),
  )
  looking = false
}

/** Other filters: the list begins anew. What is looked for by its external id need not be among the newest. */
async function narrowed() {
  list.clear()
  looked = false
  askNow()
  const wanted = filters.wanted()
  if (wanted === '') return
  const found = await listAssets({ limit: 25, filters: { ...filters.asked(), externalId: wanted } }).catch(
    () => undefined,
  )
  if (wanted !== filters.wanted()) return
  for (const asset of found?.data ?? []) list.put(asset)
  showAround()
}

/** All bytes of an upload are safe. @param {string} id */
async function arrived(id) {
  await readAsset(id).then(accepted, failed)
}

/** @param {Asset} asset */
function accepted(asset) {
  list.put(asset)
  showAround()
  askNow()
}

/** @param {string} id */
function gone(id) {
  view.gone(id)
  list.remove(id)
  showAround()
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
  list.show()
  const { shown, unfinished } = list.counts()
  const busy = unfinished + sending.busy()
  const nothing = shown + sending.count() === 0
  byId('empty').hidden = !looked || !nothing || filters.isOn()
  byId('none').hidden = !looked || !nothing || !filters.isOn()
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
  const field = /** @type {HTMLInputElement} */ (byId('key'))
  useKey(field.value.trim())
  listening = false
  field.value = ''
  house.again()
  askNow()
})
byId('forget').addEventListener('click', () => {
  forgetKey()
  location.reload()
})
