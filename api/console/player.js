/** @import { Asset, Picture } from './types.d.ts' */
import { copyButton } from './copy.js'
import { icon, make, setText } from './dom.js'
import { stageFor } from './stage.js'
import { dimensions, facts, nameOf, pictureFacts, playbackUrl, span } from './words.js'

/**
 * The dialog that plays or shows an asset. The element is the page's one `<dialog>`, which keeps focus and Escape.
 * @param {{ dialog: HTMLDialogElement, say: (news: string) => void }} options
 * @returns {(asset: Asset) => void}
 */
export function viewer({ dialog, say }) {
  /** @type {import('./stage.js').Stage | undefined} */
  let stage
  dialog.addEventListener('close', () => {
    stage?.close()
    stage = undefined
    dialog.replaceChildren()
  })
  // A click beside the dialog lands on the dialog itself, one inside it on something in it.
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close()
  })
  return (asset) => {
    const note = make('p', { class: 'note', role: 'status' })
    stage = stageFor({ asset, note: (text) => setText(note, text) })
    dialog.replaceChildren(
      make(
        'div',
        { class: 'sheet' },
        header({ asset, close: () => dialog.close() }),
        make('div', { class: `stage ${asset.kind}` }, stage.element),
        note,
        address({ asset, say }),
        details({ asset, show: stage.show, say }),
      ),
    )
    dialog.showModal()
  }
}

/** @param {{ asset: Asset, close: () => void }} options */
function header({ asset, close }) {
  const button = make('button', { type: 'button', class: 'quiet', 'aria-label': 'Close' }, icon('close'))
  button.addEventListener('click', close)
  const title = make('h2', { id: 'viewer-title', dir: 'auto' }, nameOf(asset))
  return make('header', {}, make('div', {}, title, make('p', { class: 'facts' }, summary(asset))), button)
}

/** @param {Asset} asset */
function summary(asset) {
  const { firstPlayableMs, totalMs } = asset.timings
  const times = [
    firstPlayableMs === null ? undefined : `playable after ${span(firstPlayableMs)}`,
    totalMs === null ? undefined : `ready after ${span(totalMs)}`,
  ]
  return [facts(asset), ...times].filter((part) => part !== undefined).join(' · ')
}

/** @param {{ asset: Asset, say: (news: string) => void }} options */
function address({ asset, say }) {
  const url = playbackUrl(asset) ?? ''
  const field = make('input', { id: 'playback-address', type: 'text', readonly: true, value: url })
  field.addEventListener('focus', () => field.select())
  return make(
    'div',
    { class: 'playback' },
    make('label', { for: 'playback-address' }, 'Playback address'),
    make('div', { class: 'field' }, field, copyButton({ label: 'Copy', text: () => url, say })),
  )
}

/** @param {{ asset: Asset, show: ((picture: Picture) => void) | undefined, say: (news: string) => void }} options */
function details({ asset, show, say }) {
  if (show !== undefined) return variants({ pictures: asset.images, show, say })
  if (asset.renditions.length === 0) return undefined
  const rows = asset.renditions
    .toSorted((a, b) => b.bandwidth - a.bandwidth)
    .map((one) =>
      make(
        'tr',
        {},
        make('th', { scope: 'row' }, one.name),
        make('td', {}, dimensions(one.width, one.height)),
        make('td', {}, `${(one.bandwidth / 1e6).toFixed(2)} Mb/s`),
        make('td', {}, one.codecs),
      ),
    )
  const names = ['Rendition', 'Size', 'Peak', 'Codec'].map((name) => make('th', { scope: 'col' }, name))
  return make('table', {}, make('thead', {}, make('tr', {}, ...names)), make('tbody', {}, ...rows))
}

/** The original, then the one for pages, then each format from small to large. @param {Picture} a @param {Picture} b */
function byUse(a, b) {
  const rank = (/** @type {Picture} */ { name }) => ['web', 'original'].indexOf(name)
  if (rank(a) !== rank(b)) return rank(b) - rank(a)
  return a.format.localeCompare(b.format) || (a.width ?? 0) - (b.width ?? 0)
}

/** @param {{ pictures: Picture[], show: (picture: Picture) => void, say: (news: string) => void }} options */
function variants({ pictures, show, say }) {
  const buttons = pictures.toSorted(byUse).map((picture) => {
    const name = make('span', { class: 'variant-name' }, picture.name)
    const button = make('button', { type: 'button', class: 'variant' }, name, pictureFacts(picture))
    button.addEventListener('click', () => choose(picture))
    return { picture, button }
  })
  /** @param {Picture} picture */
  const choose = (picture) => {
    for (const one of buttons) one.button.setAttribute('aria-pressed', String(one.picture === picture))
    show(picture)
  }
  const first = pictures.find(({ name }) => name === 'web') ?? pictures[0]
  if (first !== undefined) choose(first)
  const rows = buttons.map(({ picture, button }) =>
    make('li', {}, button, copyButton({ label: 'Copy address', text: () => picture.url, say, compact: true })),
  )
  return make('ul', { class: 'variants', 'aria-label': 'Variants' }, ...rows)
}
