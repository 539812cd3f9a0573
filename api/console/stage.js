/** @import { Asset, Picture } from './types.d.ts' */
import { make } from './dom.js'

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
function videoStage({ asset, note }) {
  const poster = asset.playback?.poster
  const video = make('video', { controls: true, playsinline: true, poster, 'aria-label': 'Video' })
  const { hls, original = '' } = asset.playback ?? {}
  const controller = new AbortController()
  /** @type {(() => void) | undefined} */
  let detach
  const ready = hls === undefined ? Promise.resolve(undefined) : loadHls()
  ready.then(
    (Hls) => {
      if (controller.signal.aborted) return
      const source = hls ?? original
      detach = Hls?.isSupported() ? playByHls({ Hls, video, source, note }) : playNatively({ video, source, note })
      start(video)
    },
    (/** @type {Error} */ error) => note(error.message),
  )
  const close = () => {
    controller.abort()
    video.pause()
    detach?.()
  }
  return { element: video, close }
}

/** A classic script of 400 KB: fetched when the first video is opened, and once. @type {Promise<Window['Hls']> | undefined} */
let loading
function loadHls() {
  loading ??= new Promise((resolve, reject) => {
    const script = make('script', { src: '/console/hls.js' })
    script.onload = () => resolve(window.Hls)
    script.onerror = () => {
      loading = undefined
      reject(new Error('The player could not be loaded; close this and try again'))
    }
    document.head.append(script)
  })
  return loading
}

/** @param {{ Hls: NonNullable<Window['Hls']>, video: HTMLVideoElement, source: string, note: Options['note'] }} options */
function playByHls({ Hls, video, source, note }) {
  const player = new Hls({ capLevelToPlayerSize: true })
  let recoveries = 0
  player.on(Hls.Events.LEVEL_SWITCHED, (_event, { level }) => {
    const shown = player.levels[level]
    if (shown) note(`Now showing ${shown.width} × ${shown.height} at ${(shown.bitrate / 1e6).toFixed(1)} Mb/s`)
  })
  player.on(Hls.Events.ERROR, (_event, error) => {
    if (!error.fatal) return
    recoveries += 1
    if (recoveries <= 3 && error.type === Hls.ErrorTypes.MEDIA_ERROR) player.recoverMediaError()
    else if (recoveries <= 3 && error.type === Hls.ErrorTypes.NETWORK_ERROR) player.startLoad()
    else note(`This cannot be played here (${error.details})`)
  })
  player.loadSource(source)
  player.attachMedia(video)
  return () => player.destroy()
}

/** Safari plays HLS by itself, and a video that was not encoded is a plain file. @param {{ video: HTMLVideoElement, source: string, note: Options['note'] }} options */
function playNatively({ video, source, note }) {
  video.addEventListener('error', () => note('This browser cannot play it'))
  video.src = source
  return () => video.removeAttribute('src')
}

/** A browser may refuse to start with sound by itself; then the controls wait for a press. @param {HTMLMediaElement} media */
function start(media) {
  media.play().catch((error) => {
    if (error.name !== 'NotAllowedError' && error.name !== 'AbortError') throw error
  })
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
