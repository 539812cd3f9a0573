/* global Hls */
// Runs in the page: plays what grows, and writes down everything that a viewer could notice.

const cells = 16
const video = document.createElement('video')
video.muted = true
document.body.replaceChildren(video)
const canvas = document.createElement('canvas')
canvas.width = cells
canvas.height = 1
const pen = canvas.getContext('2d', { willReadFrequently: true })

/**
 * What is on the screen: its place on the timeline, and the number in the bar code along its top edge, sixteen cells
 * with the lowest bit first. Taken as one frame: between two looks at the element there may be the next one.
 */
function shownNow() {
  const frame = new VideoFrame(video)
  const { timestamp, displayWidth, displayHeight } = frame
  pen.drawImage(frame, 0, 0, displayWidth, displayHeight / 9, 0, 0, cells, 1)
  frame.close()
  const { data } = pen.getImageData(0, 0, cells, 1)
  const bits = Array.from({ length: cells }, (_, n) => Number(data[n * 4] > 128) * 2 ** n)
  return { number: bits.reduce((sum, bit) => sum + bit), at: timestamp / 1e6, height: displayHeight }
}

const nextFrame = () => new Promise((resolve) => video.requestVideoFrameCallback(() => resolve(shownNow())))

/** What is buffered, and what the playlist has, past the present moment. */
function ahead(player) {
  const { buffered, currentTime } = video
  const end = [...Array(buffered.length).keys()].map((n) => buffered.end(n)).find((to) => to > currentTime)
  const edge = player.levels[player.currentLevel]?.details?.edge ?? 0
  return { buffered: (end ?? currentTime) - currentTime, listed: edge - currentTime }
}

/** Plays to the end, quickly where there is enough ahead; `levels` says from which second on which quality is loaded. */
async function watch({ address, id, levels }) {
  const seen = { frames: [], stalls: [], switches: [], faults: [] }
  // Little is loaded ahead, so that a wish for another quality is heard soon.
  const player = new Hls({ maxBufferLength: 6, maxMaxBufferLength: 6, startLevel: levels[0].level })
  player.on(Hls.Events.ERROR, (_event, { details, fatal }) => seen.faults.push({ details, fatal }))
  player.on(Hls.Events.LEVEL_SWITCHED, (_event, { level }) => seen.switches.push(player.levels[level].height))
  player.on(Hls.Events.MANIFEST_PARSED, () => {
    player.loadLevel = levels[0].level
  })
  const first = nextFrame()
  player.loadSource(address)
  player.attachMedia(video)
  const start = { ...(await first), currentTime: video.currentTime }
  const { status } = await (await fetch(`/v1/assets/${id}`)).json()

  let stalledAt
  const over = () => {
    if (stalledAt !== undefined) seen.stalls.push({ ...stalledAt, ms: performance.now() - stalledAt.since })
    stalledAt = undefined
  }
  video.addEventListener('waiting', () => {
    stalledAt ??= { since: performance.now(), at: video.currentTime, ...ahead(player) }
  })
  video.addEventListener('playing', over)
  video.addEventListener('timeupdate', () => {
    const wanted = levels.findLast(({ from }) => video.currentTime >= from)
    if (wanted && player.loadLevel !== wanted.level) player.loadLevel = wanted.level
    video.playbackRate = ahead(player).buffered > 3 ? 4 : 1
  })
  const note = () => {
    seen.frames.push(shownNow())
    video.requestVideoFrameCallback(note)
  }
  video.requestVideoFrameCallback(note)
  await video.play()
  await new Promise((resolve) => video.addEventListener('ended', resolve))
  over()
  const ranges = [...Array(video.buffered.length).keys()].map((n) => [video.buffered.start(n), video.buffered.end(n)])
  return { ...seen, start, status, ranges, ended: video.currentTime, live: player.levels[0].details.live }
}

/** The numbers of single pictures, each looked for in the middle of its time. */
async function look({ frames, fps }) {
  const found = []
  for (const frame of frames) {
    const shown = nextFrame()
    video.currentTime = (frame + 0.5) / fps
    found.push((await shown).number)
  }
  return found
}

Object.assign(window, { watch, look })
