/** @import { Asset, Picture } from './types.d.ts' */
import { copyButton } from './copy.js'
import { make } from './dom.js'
import { dimensions, pictureFacts } from './words.js'

/** The three thumbnails, each with its address. @param {{ asset: Asset, say: (news: string) => void }} options */
export function thumbnails({ asset, say }) {
  const items = asset.thumbnails.map((picture) =>
    make(
      'li',
      {},
      make('img', { src: picture.url, alt: `Thumbnail ${picture.name}`, loading: 'lazy', decoding: 'async' }),
      make('span', { class: 'facts' }, `${picture.name} · ${dimensions(picture.width, picture.height)}`),
      copyButton({ label: `Copy address of thumbnail ${picture.name}`, text: () => picture.url, say, compact: true }),
    ),
  )
  return make('ul', { class: 'thumbnails', 'aria-label': 'Thumbnails' }, ...items)
}

/** @param {Asset} asset */
export function renditions(asset) {
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
export function variants({ pictures, show, say }) {
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
  const rows = buttons.map(({ picture, button }) => {
    const label = `Copy address of ${picture.name} ${picture.format}`
    return make('li', {}, button, copyButton({ label, text: () => picture.url, say, compact: true }))
  })
  return make('ul', { class: 'variants', 'aria-label': 'Variants' }, ...rows)
}
