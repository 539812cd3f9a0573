/** @import { Asset } from './types.d.ts' */
import { copyButton } from './copy.js'
import { icon, make, setText } from './dom.js'
import { elapsed, facts, isShowable, isUnfinished, nameOf, playbackUrl, span, stateOf } from './words.js'

/**
 * One asset of the list. Built once, then changed in place, so that focus stays where it is.
 * @param {{ asset: Asset, open: (asset: Asset) => void, say: (news: string) => void, now: () => number }} options
 */
export function assetRow({ asset: first, open, say, now }) {
  let asset = first
  const still = stillOf()
  const name = make('p', { class: 'name', dir: 'auto' })
  const about = make('p', { class: 'facts' })
  const code = make('code')
  const reason = make('span')
  const problem = make('p', { class: 'problem', hidden: true }, code, ' ', reason)
  const bar = make('progress', { max: '1', 'aria-label': 'Progress', hidden: true })
  const state = make('span', { class: 'state' })
  const took = make('span', { class: 'took' })
  const copy = copyButton({ label: 'Copy address', text: () => playbackUrl(asset) ?? '', say, compact: true })
  const element = make(
    'li',
    { class: 'row', 'data-id': asset.id },
    still.button,
    make('div', { class: 'about' }, name, about, problem, bar),
    make('div', { class: 'outcome' }, state, took),
    copy,
  )
  still.button.addEventListener('click', () => open(asset))
  name.addEventListener('click', () => {
    if (isShowable(asset)) open(asset)
  })

  /** @param {Asset} next */
  const update = (next) => {
    asset = next
    const { word, tone } = stateOf(asset)
    const [title, showable] = [nameOf(asset), isShowable(asset)]
    element.dataset['status'] = asset.status
    element.dataset['tone'] = tone
    element.dataset['kind'] = asset.kind ?? ''
    element.classList.toggle('showable', showable)
    setText(name, title)
    name.title = title
    setText(about, facts(asset))
    setText(state, word)
    setText(took, timeTaken(asset, now()))
    setText(code, asset.error?.code ?? '')
    setText(reason, asset.error?.message ?? '')
    problem.hidden = asset.error === null
    bar.hidden = !isUnfinished(asset)
    if (asset.progress > 0) bar.value = asset.progress
    else bar.removeAttribute('value')
    still.update({ asset, label: `${asset.kind === 'image' ? 'Show' : 'Play'} ${title}`, showable })
    copy.disabled = !showable
  }
  update(asset)
  return { element, update, asset: () => asset, focus: () => still.button.focus() }
}

/** The picture at the left, which is the button that plays; its colour stands there before its pixels do. */
function stillOf() {
  const glyph = make('span', { class: 'glyph' }, icon('file'))
  const button = make('button', { type: 'button', class: 'still' }, glyph)
  let [shown, drawn] = ['', 'file']
  /** @param {{ asset: Asset, label: string, showable: boolean }} options */
  const update = ({ asset, label, showable }) => {
    button.disabled = !showable
    button.setAttribute('aria-label', label)
    const color = asset.placeholder?.color
    if (color !== undefined && CSS.supports('color', color)) button.style.setProperty('--placeholder', color)
    const wanted = glyphOf(asset, showable)
    if (wanted !== drawn) glyph.replaceChildren(icon(wanted))
    drawn = wanted
    const url = asset.thumbnails[0]?.url ?? ''
    if (url !== shown) showPicture(url)
    shown = url
  }
  /** @param {string} url */
  const showPicture = (url) => {
    button.querySelector('img')?.remove()
    button.classList.toggle('pictured', url !== '')
    if (url !== '') button.prepend(make('img', { src: url, alt: '', loading: 'lazy', decoding: 'async' }))
  }
  return { button, update }
}

/** @param {Asset} asset @param {boolean} showable */
function glyphOf(asset, showable) {
  if (asset.status === 'failed') return 'failed'
  if (showable && asset.kind === 'video') return 'play'
  return asset.kind ?? 'file'
}

/** Whole seconds while it runs: the clock of the house and ours agree no better. @param {Asset} asset @param {number} now */
function timeTaken(asset, now) {
  if (asset.timings.totalMs !== null) return `in ${span(asset.timings.totalMs)}`
  return isUnfinished(asset) ? elapsed(now - Date.parse(asset.createdAt)) : ''
}
