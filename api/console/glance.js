/** @import { Depths } from './types.d.ts' */
import { houseDepths } from './api.js'
import { byId, make, setText } from './dom.js'

const everyMs = 5_000

/**
 * How busy the house is, in a line, and queue by queue where one asks. For operators: the house tells nobody else, and is then
 * asked no more.
 */
export function glance() {
  const line = byId('house')
  const rows = byId('house-queues')
  let [askedAt, told] = [Number.NEGATIVE_INFINITY, true]
  const look = async () => {
    if (!told || performance.now() - askedAt < everyMs) return
    askedAt = performance.now()
    try {
      show(await houseDepths())
    } catch {
      told = false
      byId('glance').hidden = true
    }
  }
  /** @param {Depths} depths */
  const show = ({ queues, workers }) => {
    const sum = (/** @type {'waiting' | 'running' | 'resting'} */ what) =>
      queues.reduce((all, one) => all + one[what], 0)
    const living = workers === undefined ? '' : `${workers} ${workers === 1 ? 'worker' : 'workers'}`
    setText(line, [`${sum('waiting')} waiting`, `${sum('running')} running`, living].filter(Boolean).join(' · '))
    rows.replaceChildren(...queues.map(rowOf))
    byId('glance').hidden = false
  }
  return {
    look,
    /** Another key may be told what the last one was not. */
    again: () => {
      told = true
      askedAt = Number.NEGATIVE_INFINITY
    },
  }
}

/** @param {import('./types.d.ts').Depth} one */
const rowOf = (one) =>
  make(
    'tr',
    {},
    make('th', { scope: 'row' }, one.paused ? `${one.name} (paused)` : one.name),
    ...[one.waiting, one.running, one.resting, one.failed].map((count) => make('td', {}, String(count))),
  )
