import { table } from './table.ts'
import type { Row } from './threats/threat.ts'

/** Threats in the order of their numbers; the number stands at the first row of each. */
export function threatsTable(rows: readonly Row[]): string {
  return table({
    head: ['', 'input', 'what happens', 'code', 'proven by'],
    rows: rows.map(({ id, input, outcome, code, proof }, at) => [
      rows[at - 1]?.id === id ? '' : id,
      plain(input),
      plain(outcome),
      code === undefined ? '' : `[\`${code}\`](errors.md#${code})`,
      typeof proof === 'string' ? proven(proof) : `**not built yet**: ${plain(proof.notBuilt)}`,
    ]),
  })
}

function proven(proof: string): string {
  const [path = '', title = ''] = proof.split(' › ', 2)
  return `[${path.split('/').at(-1)}](../${path}): ${plain(title).replaceAll(/%[sijdo]|\$\w+/g, '…')}`
}

/** As text: nothing in it is markup. */
const plain = (text: string) => text.replaceAll(/[<>*_`[\]]/g, '\\$&')
