import type { Priority } from './asset.ts'

/** The queues, by what their workers need: a network, a processor, or neither. Operators scale by these names. */
export const queueNames = ['intake', 'fetch', 'video', 'audio', 'image', 'publish', 'notify', 'upkeep'] as const
export type QueueName = (typeof queueNames)[number]

type TaskKindFacts = {
  queue: QueueName
  /** Failures before the task is given up. */
  limit: number
  /** Whether giving it up fails the asset. */
  failsAsset: boolean
  /** Share of the asset's progress, unless the plan knows better. */
  weight: number
}

/** Every kind of task and all facts about it; a task's key begins with its kind, as in `encode:3`. */
export const taskKinds = {
  fetch: { queue: 'fetch', limit: 5, failsAsset: true, weight: 1 },
  seal: { queue: 'intake', limit: 5, failsAsset: true, weight: 0.2 },
  inspect: { queue: 'intake', limit: 3, failsAsset: true, weight: 0.2 },
  // Of a source whose bytes came in several requests; worth nothing in the progress, for nothing waits for it.
  digest: { queue: 'upkeep', limit: 5, failsAsset: false, weight: 0 },
  encode: { queue: 'video', limit: 3, failsAsset: true, weight: 10 },
  sound: { queue: 'audio', limit: 3, failsAsset: true, weight: 1 },
  subtitles: { queue: 'audio', limit: 3, failsAsset: true, weight: 0.1 },
  stills: { queue: 'image', limit: 3, failsAsset: true, weight: 0.5 },
  // Started when its video can play, so that it takes nothing from that; worth nothing in the progress, which would fall back.
  storyboard: { queue: 'image', limit: 3, failsAsset: false, weight: 0 },
  variants: { queue: 'image', limit: 3, failsAsset: true, weight: 1 },
  mp4: { queue: 'video', limit: 3, failsAsset: true, weight: 0 },
  publish: { queue: 'publish', limit: 5, failsAsset: true, weight: 0.2 },
  // Of what was spooled to disk while S3 was away.
  bring: { queue: 'upkeep', limit: 20, failsAsset: false, weight: 0 },
  purge: { queue: 'upkeep', limit: 20, failsAsset: false, weight: 0 },
} as const satisfies Record<string, TaskKindFacts>

export type TaskKind = keyof typeof taskKinds

/** Pieces that an asset is whole without: when one is given up, the rest is published. */
export const isOptional = (key: string): boolean => kindOf(key) === 'storyboard'

/** A worker that dies this often over one task is not the one at fault. */
export const crashLimit = 3

export function kindOf(key: string): TaskKind | undefined {
  const kind = key.split(':', 1)[0] ?? ''
  return Object.hasOwn(taskKinds, kind) ? (kind as TaskKind) : undefined
}

/** What is made anew in masses comes after all that somebody waits for. */
export type WorkPriority = Priority | 'backfill'

const rank: Record<WorkPriority, number> = { high: 1, normal: 20_001, low: 1_000_001, backfill: 2_000_001 }
/** Below this is what somebody waits for. */
export const backfillRank = rank.backfill

/** How urgent the first piece of an asset is, which somebody waits to see. */
export const firstPieces: readonly number[] = [rank.high, rank.normal, rank.low]

/** What comes of a task is as urgent as it is. */
export const priorityOf = (task: { queue_priority: number }, asset: { priority: Priority }): WorkPriority =>
  task.queue_priority >= backfillRank ? 'backfill' : asset.priority

/** BullMQ's number, lower first: every piece 0 before any piece 1, so that no film blocks a clip; the asset's priority comes before that. */
export function queuePriority({ priority, piece = 0 }: { priority: WorkPriority; piece?: number }): number {
  return rank[priority] + Math.min(piece, 20_000)
}

/** How long a task rests after its nth failure: full jitter under a doubling cap, so that a herd spreads out. */
export function restAfterFailure(failures: number, random = Math.random()): number {
  const cap = Math.min(60_000, 1_000 * 2 ** Math.max(0, failures - 1))
  return Math.round(cap / 2 + (random * cap) / 2)
}
