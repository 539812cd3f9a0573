/** @import { Asset, Task } from './types.d.ts' */
import { copyButton } from './copy.js'
import { icon, make, setText } from './dom.js'
import { stageStrip } from './stage-strip.js'
import { stagesOf } from './stages.js'
import { still } from './still.js'
import { interrupted } from './tus-file.js'
import { elapsed, facts, isShowable, isUnfinished, nameOf, playbackUrl, span, stateOf } from './words.js'

/**
 * One asset of the list. Built once, then changed in place, so that focus stays where it is.
 * @param {{ asset: Asset, open: (asset: Asset) => void, say: (news: string) => void, now: () => number }} options
 */
export function assetRow({ asset: first, open, say, now }) {
  let asset = first
  /** @type {Task[] | undefined} */
  let tasks
  const picture = still()
  const name = make('button', { type: 'button', class: 'name', dir: 'auto', tabindex: '-1' })
  const about = make('p', { class: 'facts' })
  const code = make('code')
  const reason = make('span')
  const problem = make('p', { class: 'problem', hidden: true }, code, ' ', reason)
  const hint = make('p', { class: 'facts', hidden: true }, 'Choose the same file again, and it goes on from here.')
  const bar = make('progress', { max: '1', 'aria-label': 'Progress', hidden: true })
  const stages = stageStrip()
  const state = make('span', { class: 'state' })
  const took = make('span', { class: 'took' })
  const copy = copyButton({ label: 'Copy address', text: () => playbackUrl(asset) ?? '', say, compact: true })
  const more = make('button', { type: 'button', class: 'quiet', title: 'Details' }, icon('more'))
  const element = make(
    'li',
    { class: 'row', 'data-id': asset.id },
    picture.button,
    make('div', { class: 'about' }, name, about, problem, hint, bar, stages.element),
    make('div', { class: 'outcome' }, state, took),
    make('div', { class: 'actions' }, copy, more),
  )
  for (const button of [picture.button, name, more]) button.addEventListener('click', () => open(asset))

  /** @param {Asset} next */
  const update = (next) => {
    asset = next
    const { word, tone } = stateOf(asset)
    const [title, showable] = [nameOf(asset), isShowable(asset)]
    element.dataset['status'] = asset.status
    element.dataset['tone'] = tone
    element.dataset['kind'] = asset.kind ?? ''
    element.classList.toggle('showable', showable)
    setText(name, title)
    name.title = title
    setText(about, facts(asset))
    setText(state, word)
    setText(took, timeTaken(asset, now()))
    setText(code, asset.error?.code ?? '')
    setText(reason, asset.error?.message ?? '')
    problem.hidden = asset.error === null
    hint.hidden = asset.status !== 'waiting' || !interrupted().has(asset.id)
    if (asset.progress > 0) bar.value = asset.progress
    else bar.removeAttribute('value')
    picture.update({ asset, label: `${verbFor(asset, showable)} ${title}`, showable })
    copy.disabled = !showable
    more.setAttribute('aria-label', `Details of ${title}`)
    drawStages()
  }

  /** Its stages while it is under way; afterwards they are among its details. */
  const drawStages = () => {
    stages.element.hidden = !isUnfinished(asset)
    // The pieces say more than a bar does.
    bar.hidden = !isUnfinished(asset) || (tasks?.length ?? 0) > 2
    if (isUnfinished(asset)) stages.update(stagesOf(asset, tasks))
  }
  update(asset)
  return {
    element,
    update,
    asset: () => asset,
    /** @param {Task[]} known */
    tell: (known) => {
      tasks = known
      drawStages()
    },
  }
}

/** @param {Asset} asset @param {boolean} showable */
function verbFor(asset, showable) {
  if (!showable) return 'Look into'
  return asset.kind === 'image' ? 'Show' : 'Play'
}

/** Whole seconds while it runs: the clock of the house and ours agree no better. @param {Asset} asset @param {number} now */
function timeTaken(asset, now) {
  if (asset.timings.totalMs !== null) return `in ${span(asset.timings.totalMs)}`
  return isUnfinished(asset) ? elapsed(now - Date.parse(asset.createdAt)) : ''
}
