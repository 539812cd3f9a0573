/** @import { Asset, Piece, Stage, StageState, Task } from './types.d.ts' */
import { isUnfinished, span } from './words.js'

/** What is made beside the chunks of a video, by the kind of its task. @type {Record<string, string>} */
const works = {
  sound: 'Sound',
  subtitles: 'Subtitles',
  stills: 'Thumbnails',
  variants: 'Pictures',
  storyboard: 'Storyboard',
  mp4: 'MP4',
}

/**
 * The way of an asset: received or fetched, inspected, its pieces, published. Without its tasks, as far as the asset tells.
 * @param {Asset} asset
 * @param {Task[]} [tasks]
 * @returns {Stage[]}
 */
export function stagesOf(asset, tasks = []) {
  const of = (/** @type {string} */ kind) => tasks.filter(({ key }) => key.split(':', 1)[0] === kind)
  const pieces = piecesOf(tasks)
  const stages = [
    ...arrival(asset, of('fetch')[0]),
    inspected(asset, of('inspect')[0]),
    made(asset, pieces),
    published(asset),
  ]
  return stopped(asset, stages)
}

/** @param {Asset} asset @param {Task | undefined} fetch @returns {Stage[]} */
function arrival(asset, fetch) {
  const { receivedMs } = asset.timings
  const isHere = receivedMs !== null || !['waiting', 'queued'].includes(asset.status)
  if (asset.source.type !== 'url') {
    const state = isHere || asset.status === 'queued' ? 'done' : 'running'
    return [{ name: 'Received', state, detail: receivedMs === null ? '' : span(receivedMs) }]
  }
  const fetched = fetch === undefined ? (isHere ? 'done' : 'running') : stateOf(fetch)
  return [
    { name: 'Accepted', state: 'done', detail: '' },
    { name: 'Fetched', state: fetched, detail: timeOf(fetch) },
  ]
}

/** @param {Asset} asset @param {Task | undefined} task @returns {Stage} */
function inspected(asset, task) {
  const known = asset.media !== null ? 'done' : asset.status === 'processing' ? 'running' : 'waiting'
  return { name: 'Inspected', state: task === undefined ? known : stateOf(task), detail: timeOf(task) }
}

/** @param {Asset} asset @param {Piece[]} pieces @returns {Stage} */
function made(asset, pieces) {
  const name = asset.kind === 'video' ? 'Encoded' : 'Made'
  if (asset.status === 'ready') return { name, state: 'done', detail: countOf(pieces), pieces }
  const begun = pieces.some(({ state }) => state !== 'waiting') || asset.progress > 0.05
  const isDone = pieces.length > 0 && pieces.every(({ state }) => state === 'done')
  return { name, state: isDone ? 'done' : begun ? 'running' : 'waiting', detail: countOf(pieces), pieces }
}

/** @param {Asset} asset @returns {Stage} */
function published(asset) {
  const { firstPlayableMs } = asset.timings
  const detail = firstPlayableMs === null ? '' : `playable after ${span(firstPlayableMs)}`
  const state = asset.status === 'ready' ? 'done' : asset.playable ? 'running' : 'waiting'
  return { name: 'Published', state, detail }
}

/** Where an asset ended early, the first step that is not done is where. @param {Asset} asset @param {Stage[]} stages */
function stopped(asset, stages) {
  if (asset.status !== 'failed' && asset.status !== 'cancelled') return stages
  const failed = stages.findIndex(({ state }) => state === 'failed')
  const at = failed >= 0 ? failed : stages.findIndex(({ state }) => state !== 'done')
  return stages.map((stage, index) => {
    if (index < at) return stage
    return {
      ...stage,
      state: /** @type {StageState} */ (index === at && asset.status === 'failed' ? 'failed' : 'waiting'),
    }
  })
}

/** Chunks in their order, then what is made beside them. @param {Task[]} tasks @returns {Piece[]} */
export function piecesOf(tasks) {
  const numberOf = (/** @type {Task} */ { key }) => Number(key.split(':')[1])
  const chunks = tasks.filter(({ key }) => key.startsWith('encode:')).toSorted((a, b) => numberOf(a) - numberOf(b))
  const others = tasks.filter(({ key }) => Object.hasOwn(works, key.split(':', 1)[0] ?? ''))
  return [
    ...chunks.map((task, at) => pieceOf(task, `Chunk ${at + 1} of ${chunks.length}`)),
    ...others.map((task) => pieceOf(task, works[task.key.split(':', 1)[0] ?? ''] ?? task.key)),
  ]
}

/** @param {Task} task @param {string} label @returns {Piece} */
const pieceOf = (task, label) => ({ label, state: stateOf(task), progress: task.status === 'done' ? 1 : task.progress })

/** @param {Piece[]} pieces */
export function countOf(pieces) {
  if (pieces.length === 0) return ''
  const done = pieces.filter(({ state }) => state === 'done').length
  return `${done} of ${pieces.length} ${pieces.length === 1 ? 'piece' : 'pieces'}`
}

/** @param {Task} task @returns {StageState} */
function stateOf({ status }) {
  if (status === 'pending' || status === 'cancelled') return 'waiting'
  return status
}

/** How long its last run took. @param {Task | undefined} task */
function timeOf(task) {
  if (!task?.startedAt || !task.finishedAt) return ''
  return span(Date.parse(task.finishedAt) - Date.parse(task.startedAt))
}

/** Whether looking at its tasks tells more than the asset does. @param {Asset} asset */
export const hasStages = (asset) => isUnfinished(asset) && asset.status !== 'waiting'
