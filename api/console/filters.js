/** @import { Asset, Filters } from './types.d.ts' */
import { byId } from './dom.js'
import { nameOf } from './words.js'

const restMs = 250

/**
 * What the list is narrowed to. Status and kind are asked of the API; words are looked for among what is here, and asked of it
 * as an external id.
 * @param {{ onChange: () => void }} options
 */
export function filterForm({ onChange }) {
  const status = /** @type {HTMLSelectElement} */ (byId('filter-status'))
  const kind = /** @type {HTMLSelectElement} */ (byId('filter-kind'))
  const words = /** @type {HTMLInputElement} */ (byId('filter-words'))
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  byId('filters').addEventListener('submit', (event) => event.preventDefault())
  for (const field of [status, kind]) field.addEventListener('change', onChange)
  words.addEventListener('input', () => {
    clearTimeout(timer)
    timer = setTimeout(onChange, restMs)
  })
  const wanted = () => words.value.trim()
  return {
    /** @returns {Partial<Filters>} */
    asked: () => ({ status: status.value, kind: kind.value }),
    wanted,
    isOn: () => status.value !== '' || kind.value !== '' || wanted() !== '',
    /** @param {Asset} asset */
    fits: (asset) =>
      (status.value === '' || asset.status === status.value) &&
      (kind.value === '' || asset.kind === kind.value) &&
      says(asset, wanted().toLowerCase()),
  }
}

/** @param {Asset} asset @param {string} words */
function says(asset, words) {
  if (words === '') return true
  return [nameOf(asset), asset.id, asset.externalId ?? ''].some((text) => text.toLowerCase().includes(words))
}
