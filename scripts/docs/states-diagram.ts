import { assetMoves } from '../../core/asset.ts'

/** The states of an asset and the moves between them, as mermaid draws them. */
export function statesDiagram(): string {
  const moves = Object.entries(assetMoves).flatMap(([from, tos]) => tos.map((to) => `  ${from} --> ${to}`))
  return [
    '```mermaid',
    'stateDiagram-v2',
    '  direction LR',
    '  [*] --> waiting',
    '  [*] --> queued',
    ...moves,
    '```',
  ].join('\n')
}
