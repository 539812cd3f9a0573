/** The states of an asset and the legal moves between them, as data. `docs/states.md` draws it. */
export const assetMoves = {
  waiting: ['queued', 'failed', 'cancelled'],
  // To `ready` goes back what was ready before, when making it anew comes to nothing.
  queued: ['processing', 'ready', 'failed', 'cancelled'],
  processing: ['ready', 'failed', 'cancelled'],
  ready: ['queued', 'processing'],
  failed: ['queued', 'processing'],
  cancelled: ['queued', 'processing'],
} as const satisfies Record<string, readonly string[]>

export type AssetStatus = keyof typeof assetMoves
export const assetStatuses = Object.keys(assetMoves) as [AssetStatus, ...AssetStatus[]]

/** The states from which an asset may come to `to`; statements put them in their WHERE. */
export function statesBefore(to: AssetStatus): AssetStatus[] {
  return assetStatuses.filter((from) => (assetMoves[from] as readonly AssetStatus[]).includes(to))
}

export const assetKinds = ['video', 'image', 'audio'] as const
export type AssetKind = (typeof assetKinds)[number]

export const priorities = ['high', 'normal', 'low'] as const
export type Priority = (typeof priorities)[number]

export const visibilities = ['public', 'private'] as const
export type Visibility = (typeof visibilities)[number]
