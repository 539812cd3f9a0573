import { icon, make, setText } from './dom.js'
import { scrubber } from './scrubber.js'
import { clock } from './words.js'

/**
 * What one holds of a video: play, move along, sound, quality, the whole screen. All of them buttons and fields, so that keys work.
 * @param {{ video: HTMLVideoElement, screen: HTMLElement, storyboard: string | undefined }} options
 */
export function controls({ video, screen, storyboard }) {
  const play = button('play', 'Play', () => (video.paused ? start(video) : video.pause()))
  const sound = button('sound', 'Mute', () => {
    video.muted = !video.muted
  })
  const whole = button('whole', 'Whole screen', () =>
    document.fullscreenElement ? document.exitFullscreen() : screen.requestFullscreen(),
  )
  const time = make('span', { class: 'time' }, '0:00')
  const quality = menu('Quality')
  const texts = menu('Subtitles')
  const element = make(
    'div',
    { class: 'controls' },
    play.element,
    scrubber({ video, storyboard }),
    time,
    sound.element,
    texts.element,
    quality.element,
    whole.element,
  )
  const draw = () => {
    play.show(video.paused ? 'play' : 'pause', video.paused ? 'Play' : 'Pause')
    sound.show(video.muted ? 'muted' : 'sound', video.muted ? 'Sound on' : 'Mute')
    const duration = Number.isFinite(video.duration) ? video.duration : 0
    setText(time, `${clock(video.currentTime)} / ${clock(duration)}`)
  }
  for (const news of ['play', 'pause', 'volumechange', 'timeupdate', 'durationchange'])
    video.addEventListener(news, draw)
  video.addEventListener('click', () => play.element.click())
  whole.element.hidden = !document.fullscreenEnabled
  return { element, quality, texts }
}

/** A browser may refuse to start with sound by itself; then the button waits for a press. @param {HTMLMediaElement} media */
export function start(media) {
  media.play().catch((error) => {
    if (error.name !== 'NotAllowedError' && error.name !== 'AbortError') throw error
  })
}

/** @param {string} drawing @param {string} label @param {() => void} act */
function button(drawing, label, act) {
  const element = make('button', { type: 'button', class: 'quiet', title: label, 'aria-label': label }, icon(drawing))
  let shown = drawing
  element.addEventListener('click', act)
  /** @param {string} next @param {string} word */
  const show = (next, word) => {
    if (next === shown) return
    shown = next
    element.replaceChildren(icon(next))
    element.title = word
    element.setAttribute('aria-label', word)
  }
  return { element, show }
}

/** A choice that is there when there is something to choose. @param {string} label */
function menu(label) {
  const element = make('select', { 'aria-label': label, title: label, hidden: true })
  /** @param {{ options: { value: string, label: string }[], value: string, onChoose: (value: string) => void }} choice */
  const offer = ({ options, value, onChoose }) => {
    element.replaceChildren(...options.map((one) => make('option', { value: one.value }, one.label)))
    element.value = value
    element.hidden = options.length < 2
    element.onchange = () => onChoose(element.value)
  }
  /** @param {string} value @param {string} text */
  const rename = (value, text) => {
    const option = [...element.options].find((one) => one.value === value)
    if (option !== undefined) setText(option, text)
  }
  return { element, offer, rename }
}
