import { classic } from './classic.js'
import { controls, start } from './controls.js'
import { make } from './dom.js'

/** @param {import('./stage.js').Options} options @returns {import('./stage.js').Stage} */
export function videoStage({ asset, note }) {
  const poster = asset.playback?.poster
  const video = make('video', { playsinline: true, poster, 'aria-label': 'Video' })
  const screen = make('div', { class: 'screen' }, video)
  const held = controls({ video, screen, storyboard: asset.storyboard?.vtt })
  screen.append(held.element)
  const { hls, original = '' } = asset.playback ?? {}
  const controller = new AbortController()
  /** @type {(() => void) | undefined} */
  let detach
  // 400 KB: fetched when the first video is opened, and once.
  const ready = hls === undefined ? Promise.resolve() : classic('/console/hls.js')
  ready.then(
    () => {
      if (controller.signal.aborted) return
      const Hls = hls === undefined ? undefined : window.Hls
      const source = hls ?? original
      detach = Hls?.isSupported()
        ? playByHls({ Hls, video, source, note, held })
        : playNatively({ video, source, note })
      start(video)
    },
    (/** @type {Error} */ error) => note(error.message),
  )
  const close = () => {
    controller.abort()
    video.pause()
    detach?.()
  }
  return { element: screen, close }
}

/**
 * @param {{ Hls: NonNullable<Window['Hls']>, video: HTMLVideoElement, source: string, note: (text: string) => void,
 *   held: ReturnType<typeof controls> }} options
 */
function playByHls({ Hls, video, source, note, held }) {
  const player = new Hls({ capLevelToPlayerSize: true })
  let recoveries = 0
  player.on(Hls.Events.MANIFEST_PARSED, () => offerLevels(player, held.quality))
  player.on(Hls.Events.SUBTITLE_TRACKS_UPDATED, () => offerTexts(player, held.texts))
  player.on(Hls.Events.LEVEL_SWITCHED, (_event, { level }) => {
    const shown = player.levels[level]
    if (shown === undefined) return
    note(`Now showing ${shown.width} × ${shown.height} at ${(shown.bitrate / 1e6).toFixed(1)} Mb/s`)
    held.quality.rename('-1', player.autoLevelEnabled ? `Auto (${nameOf(shown)})` : 'Auto')
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

/** @typedef {import('hls.js').default} Player @typedef {ReturnType<typeof controls>['quality']} Menu */

const nameOf = (/** @type {{ width: number, height: number }} */ { width, height }) => `${Math.min(width, height)}p`

/** From the best down; what is chosen is held, whatever the network says. @param {Player} player @param {Menu} menu */
function offerLevels(player, menu) {
  const levels = player.levels.map((level, at) => ({ value: String(at), label: nameOf(level) })).reverse()
  const onChoose = (/** @type {string} */ value) => {
    player.nextLevel = Number(value)
    if (value !== '-1') menu.rename('-1', 'Auto')
  }
  menu.offer({ options: [{ value: '-1', label: 'Auto' }, ...levels], value: '-1', onChoose })
}

/** @param {Player} player @param {Menu} menu */
function offerTexts(player, menu) {
  const tracks = player.subtitleTracks.map((track, at) => ({ value: String(at), label: track.name }))
  const onChoose = (/** @type {string} */ value) => {
    player.subtitleTrack = Number(value)
    player.subtitleDisplay = value !== '-1'
  }
  menu.offer({
    options: [{ value: '-1', label: 'No subtitles' }, ...tracks],
    value: String(player.subtitleTrack),
    onChoose,
  })
}

/** Safari plays HLS by itself, and a video that was not encoded is a plain file. @param {{ video: HTMLVideoElement, source: string, note: (text: string) => void }} options */
function playNatively({ video, source, note }) {
  video.addEventListener('error', () => note('This browser cannot play it'))
  video.src = source
  return () => video.removeAttribute('src')
}
