import { make, setText } from './dom.js'
import { loadTiles, tileAt } from './storyboard.js'
import { clock } from './words.js'

/**
 * The bar that one moves along; what is there is shown above it before one goes there.
 * @param {{ video: HTMLVideoElement, storyboard: string | undefined }} options
 */
export function scrubber({ video, storyboard }) {
  const bar = make('input', {
    type: 'range',
    class: 'bar',
    min: '0',
    max: '0',
    step: '0.1',
    value: '0',
    'aria-label': 'Position',
  })
  const picture = make('span', { class: 'preview-picture' })
  const time = make('span', { class: 'preview-time' })
  const preview = make('span', { class: 'preview', 'aria-hidden': 'true', hidden: true }, picture, time)
  const element = make('div', { class: 'scrubber' }, preview, bar)
  /** @type {import('./storyboard.js').Tile[]} */
  let tiles = []
  let held = false

  const draw = () => {
    const duration = Number.isFinite(video.duration) ? video.duration : 0
    bar.max = String(duration)
    if (!held) bar.value = String(video.currentTime)
    bar.setAttribute('aria-valuetext', `${clock(video.currentTime)} of ${clock(duration)}`)
    element.style.setProperty('--played', duration > 0 ? String(Number(bar.value) / duration) : '0')
  }

  /** @param {number} seconds */
  const show = (seconds) => {
    const tile = tileAt(tiles, seconds)
    picture.hidden = tile === undefined
    if (tile !== undefined) {
      picture.style.width = `${tile.width}px`
      picture.style.height = `${tile.height}px`
      picture.style.background = `url(${JSON.stringify(tile.url)}) -${tile.x}px -${tile.y}px`
    }
    setText(time, clock(seconds))
    preview.hidden = false
    const [width, room] = [preview.offsetWidth, element.clientWidth]
    const at = (seconds / Math.max(0.1, Number(bar.max))) * room
    preview.style.left = `${Math.min(Math.max(0, at - width / 2), Math.max(0, room - width))}px`
  }
  const hide = () => {
    preview.hidden = true
  }

  bar.addEventListener('pointermove', (event) => {
    const { left, width } = bar.getBoundingClientRect()
    show(Math.min(1, Math.max(0, (event.clientX - left) / width)) * Number(bar.max))
  })
  for (const away of ['pointerleave', 'blur']) bar.addEventListener(away, hide)
  bar.addEventListener('input', () => {
    held = true
    video.currentTime = Number(bar.value)
    show(Number(bar.value))
    draw()
  })
  bar.addEventListener('change', () => {
    held = false
  })
  for (const news of ['timeupdate', 'durationchange', 'seeked']) video.addEventListener(news, draw)
  if (storyboard !== undefined)
    loadTiles(storyboard).then((found) => {
      tiles = found
    })
  return element
}
