/** @import { Asset, Picture } from './types.d.ts' */
import { start } from './controls.js'
import { make } from './dom.js'
import { videoStage } from './video-stage.js'

/**
 * What a stage gives back: its element, and the way to end it. `note` tells the viewer what goes on.
 * @typedef {{ element: HTMLElement, close: () => void, show?: (picture: Picture) => void }} Stage
 * @typedef {{ asset: Asset, note: (text: string) => void }} Options
 */

/** @param {Options} options @returns {Stage} */
export function stageFor(options) {
  if (options.asset.kind === 'video') return videoStage(options)
  return options.asset.kind === 'audio' ? audioStage(options) : imageStage(options)
}

/** @param {Options} options @returns {Stage} */
function audioStage({ asset, note }) {
  const audio = make('audio', { controls: true, src: asset.audio?.url, 'aria-label': 'Sound' })
  audio.addEventListener('error', () => note('This browser cannot play it'))
  start(audio)
  return { element: audio, close: () => audio.pause() }
}

/** @param {Options} options @returns {Stage} */
function imageStage({ note }) {
  const image = make('img', { alt: '' })
  image.addEventListener('error', () => note('This browser cannot show this format'))
  /** @param {Picture} picture */
  const show = (picture) => {
    note('')
    image.alt = `${picture.name}, ${picture.format}`
    image.src = picture.url
  }
  return { element: image, close: () => image.removeAttribute('src'), show }
}
