/** @import { Stage } from './types.d.ts' */
import { make, setText } from './dom.js'
import { countOf } from './stages.js'

/** @type {Record<string, string>} */
const words = { done: 'done', running: 'under way', waiting: 'to come', failed: 'failed' }

/** The steps of one asset, drawn once and then changed in place. */
export function stageStrip() {
  const element = make('ol', { class: 'stages', 'aria-label': 'Stages' })
  const strip = make('div', { class: 'pieces', hidden: true, role: 'img' })
  /** @type {{ item: HTMLElement, name: HTMLElement, state: HTMLElement, detail: HTMLElement }[]} */
  let steps = []

  /** @param {Stage[]} stages */
  const update = (stages) => {
    if (steps.length !== stages.length) {
      steps = stages.map(step)
      element.replaceChildren(...steps.map(({ item }) => item))
    }
    for (const [at, stage] of stages.entries()) {
      const shown = steps[at]
      if (shown === undefined) continue
      shown.item.dataset['state'] = stage.state
      setText(shown.name, stage.name)
      setText(shown.state, `: ${words[stage.state]}`)
      setText(shown.detail, stage.detail)
    }
    const pieces = stages.find((stage) => stage.pieces)?.pieces ?? []
    drawPieces(strip, pieces)
  }
  return { element: make('div', { class: 'way' }, element, strip), update }
}

function step() {
  const name = make('span', { class: 'step-name' })
  const state = make('span', { class: 'unseen' })
  const detail = make('span', { class: 'step-detail' })
  return { item: make('li', {}, name, state, detail), name, state, detail }
}

/** One bar a piece; thousands of them share the width as they can. @param {HTMLElement} strip @param {import('./types.d.ts').Piece[]} pieces */
function drawPieces(strip, pieces) {
  strip.hidden = pieces.length < 2
  if (strip.hidden) return
  strip.setAttribute('aria-label', `${countOf(pieces)} done`)
  while (strip.childElementCount > pieces.length) strip.lastElementChild?.remove()
  while (strip.childElementCount < pieces.length) strip.append(make('span'))
  for (const [at, piece] of pieces.entries()) {
    const bar = /** @type {HTMLElement} */ (strip.children[at])
    bar.dataset['state'] = piece.state
    bar.title = `${piece.label}: ${words[piece.state]}`
    bar.style.setProperty('--done', String(piece.progress))
  }
}
