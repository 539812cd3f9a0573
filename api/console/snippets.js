/** @import { Asset } from './types.d.ts' */
import { copyButton } from './copy.js'
import { make, setText } from './dom.js'
import { playbackUrl } from './words.js'

/** @param {string} text */
const quoted = (text) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;')

/** What one pastes elsewhere, by name. @param {Asset} asset @returns {[name: string, text: string][]} */
export function snippetsOf(asset) {
  const url = playbackUrl(asset) ?? ''
  const { hls, dash, mp4, poster } = asset.playback ?? {}
  const lasting = `${location.origin}/v1/assets/${asset.id}/play`
  /** @type {[string, string | undefined][]} */
  const all = [
    ['Address', url],
    ['DASH', dash],
    ['MP4', mp4],
    ['Poster', poster],
    ['Whatever is current', lasting],
    ['HTML', htmlOf(asset, url)],
    [
      'hls.js',
      hls && `const hls = new Hls()\nhls.loadSource('${hls}')\nhls.attachMedia(document.querySelector('video'))`,
    ],
    ['curl', `curl -H "Authorization: Bearer $SLUICE_KEY" ${location.origin}/v1/assets/${asset.id}`],
  ]
  return all.filter((one) => /** @type {boolean} */ (Boolean(one[1]))).map(([name, text]) => [name, text ?? ''])
}

/** @param {Asset} asset @param {string} url */
function htmlOf(asset, url) {
  if (asset.kind === 'audio') return `<audio controls src="${quoted(url)}"></audio>`
  if (asset.kind === 'image') return `<img src="${quoted(url)}" alt="">`
  const poster = asset.playback?.poster === undefined ? '' : ` poster="${quoted(asset.playback.poster)}"`
  return `<video controls playsinline${poster} src="${quoted(url)}"></video>`
}

/** @param {{ asset: Asset, say: (news: string) => void }} options */
export function snippets({ asset, say }) {
  const all = new Map(snippetsOf(asset))
  const choice = make(
    'select',
    { 'aria-label': 'What to copy' },
    ...[...all.keys()].map((name) => make('option', {}, name)),
  )
  const field = make('textarea', { id: 'playback-address', readonly: true, rows: '1', spellcheck: 'false' })
  const show = () => {
    const text = all.get(choice.value) ?? ''
    field.value = text
    field.rows = text.split('\n').length
    setText(label, choice.value === 'Address' ? 'Playback address' : choice.value)
  }
  const label = make('label', { for: 'playback-address' })
  choice.addEventListener('change', show)
  field.addEventListener('focus', () => field.select())
  show()
  return make(
    'div',
    { class: 'playback' },
    label,
    make('div', { class: 'field' }, choice, field, copyButton({ label: 'Copy', text: () => field.value, say })),
  )
}
