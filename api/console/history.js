/** @import { Asset, Generation } from './types.d.ts' */
import { generationsOf } from './api.js'
import { make } from './dom.js'
import { span } from './words.js'

/** The generations of an asset, newest first; there is nothing to tell of a single one. */
export function history() {
  const body = make('tbody')
  const names = ['Generation', 'Begun', 'Took', 'Outcome'].map((name) => make('th', { scope: 'col' }, name))
  const table = make('table', {}, make('thead', {}, make('tr', {}, ...names)), body)
  const element = make('section', { hidden: true }, make('h3', {}, 'Generations'), table)
  let asked = ''
  /** @param {Asset} asset */
  const update = async (asset) => {
    if (asked === asset.updatedAt) return
    asked = asset.updatedAt
    const found = await generationsOf(asset.id).catch(() => [])
    element.hidden = found.length < 2
    body.replaceChildren(...found.map(row))
  }
  return { element, update }
}

/** @param {Generation} one */
function row(one) {
  const took = one.finishedAt === null ? '' : span(Date.parse(one.finishedAt) - Date.parse(one.createdAt))
  return make(
    'tr',
    {},
    make('th', { scope: 'row' }, String(one.generation)),
    make('td', {}, new Date(one.createdAt).toLocaleString()),
    make('td', {}, took),
    make('td', {}, one.served ? `${one.status}, served now` : one.status),
  )
}
