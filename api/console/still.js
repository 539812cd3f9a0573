/** @import { Asset } from './types.d.ts' */
import { icon, make } from './dom.js'

/** The picture of an asset, which is the button that opens it; its colour stands there before its pixels do. */
export function still() {
  const glyph = make('span', { class: 'glyph' }, icon('file'))
  const button = make('button', { type: 'button', class: 'still' }, glyph)
  let [shown, drawn] = ['', 'file']
  /** @param {{ asset: Asset, label: string, showable: boolean }} options */
  const update = ({ asset, label, showable }) => {
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
