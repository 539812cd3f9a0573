/** @import { Asset, Task } from './types.d.ts' */
import { actions } from './actions.js'
import { tasksOf, viewable } from './api.js'
import { icon, make, setText } from './dom.js'
import { history } from './history.js'
import { ApiError } from './http.js'
import { renditions, thumbnails, variants } from './pictures.js'
import { errorPanel } from './remedies.js'
import { snippets } from './snippets.js'
import { stageFor } from './stage.js'
import { stageStrip } from './stage-strip.js'
import { stagesOf } from './stages.js'
import { facts, isShowable, isUnfinished, nameOf, span, stateOf } from './words.js'

/**
 * @typedef {{ profiles: () => string[], onChanged: (asset: Asset) => void, onGone: (id: string) => void,
 *   say: (news: string) => void }} Around
 */

/**
 * All of one asset, as the inside of the dialog. `update` is told what is new of it; what plays is not disturbed by that.
 * @param {{ asset: Asset, close: () => void, around: Around }} options
 */
export function assetPage({ asset: first, close, around }) {
  let asset = first
  const { say } = around
  const title = make('h2', { id: 'viewer-title', dir: 'auto' })
  const about = make('p', { class: 'facts' })
  const state = make('span', { class: 'state' })
  const failure = errorPanel()
  const note = make('p', { class: 'note', role: 'status' })
  const screen = make('div', { class: 'stage', hidden: true })
  const rest = make('div', { class: 'shown' })
  const stages = stageStrip()
  const past = history()
  const orders = actions({
    asset: () => asset,
    profiles: around.profiles,
    say,
    onGone: around.onGone,
    onChanged: (next) => {
      update(next)
      around.onChanged(next)
    },
  })
  const element = make(
    'div',
    { class: 'sheet' },
    header({ title, about, state, close }),
    failure.element,
    screen,
    note,
    rest,
    section('Stages', stages.element),
    section('Actions', orders.element),
    past.element,
  )
  /** @type {import('./stage.js').Stage | undefined} */
  let stage
  let showing = ''
  /** @type {Task[]} */
  let tasks = []

  /** Once for each thing that there is to show: not again because a number changed. */
  const show = async () => {
    const what = isShowable(asset) ? `${asset.generation} ${asset.status === 'ready'}` : ''
    if (what === showing) return
    const before = showing
    showing = what
    // What plays while the rest is made plays on; only what was there to see is added.
    const keeps = stage !== undefined && before.split(' ')[0] === what.split(' ')[0] && asset.kind === 'video'
    const view = await viewable(asset).catch((error) => {
      if (!(error instanceof ApiError)) throw error
      note.textContent = error.message
      return asset
    })
    if (!element.isConnected || showing !== what) return
    if (!keeps) {
      stage?.close()
      stage = what === '' ? undefined : stageFor({ asset: view, note: (text) => setText(note, text) })
      // Once in its place it is not moved: a video that is taken out of a page stops.
      screen.className = `stage ${asset.kind}`
      screen.replaceChildren(...(stage === undefined ? [] : [stage.element]))
      screen.hidden = stage === undefined
    }
    rest.replaceChildren(...(stage === undefined ? [] : below({ view, stage, say })))
  }

  const draw = () => {
    element.dataset['tone'] = stateOf(asset).tone
    setText(title, nameOf(asset))
    setText(about, summary(asset))
    setText(state, stateOf(asset).word)
    stages.update(stagesOf(asset, tasks))
    orders.update()
    failure.update(asset.error)
    show()
  }

  /** @param {Asset} next */
  const update = (next) => {
    const isNews = next.updatedAt !== asset.updatedAt || isUnfinished(next)
    asset = next
    draw()
    if (isNews) look()
  }

  /** Its tasks are asked for as often as it changes, and no more. */
  const look = async () => {
    const found = await tasksOf(asset.id).catch(() => undefined)
    if (found === undefined || !element.isConnected) return
    tasks = found
    stages.update(stagesOf(asset, tasks))
    past.update(asset)
  }
  return {
    element,
    update,
    draw: () => {
      draw()
      look()
    },
    id: first.id,
    close: () => stage?.close(),
  }
}

/** @param {{ title: HTMLElement, about: HTMLElement, state: HTMLElement, close: () => void }} options */
function header({ title, about, state, close }) {
  const button = make(
    'button',
    { type: 'button', class: 'quiet', 'aria-label': 'Close', title: 'Close' },
    icon('close'),
  )
  button.addEventListener('click', close)
  return make('header', {}, make('div', {}, title, about), make('div', { class: 'corner' }, state, button))
}

/** @param {string} name @param {HTMLElement} content */
const section = (name, content) => make('section', {}, make('h3', {}, name), content)

/** What stands below the picture: addresses, renditions or variants, thumbnails. @param {{ view: Asset, stage: import('./stage.js').Stage, say: (news: string) => void }} options */
function below({ view, stage, say }) {
  /** @type {HTMLElement[]} */
  const parts = [snippets({ asset: view, say })]
  if (stage.show !== undefined) parts.push(variants({ pictures: view.images, show: stage.show, say }))
  if (view.renditions.length > 0) parts.push(section('Renditions', renditions(view)))
  if (view.thumbnails.length > 0) parts.push(section('Thumbnails', thumbnails({ asset: view, say })))
  return parts
}

/** @param {Asset} asset */
function summary(asset) {
  const { firstPlayableMs, totalMs } = asset.timings
  const times = [
    firstPlayableMs === null ? undefined : `playable after ${span(firstPlayableMs)}`,
    totalMs === null ? undefined : `ready after ${span(totalMs)}`,
    asset.externalId === null ? undefined : `external id ${asset.externalId}`,
  ]
  return [facts(asset), ...times].filter((part) => part).join(' · ')
}
