import type { Priority } from '../../../core/asset.ts'
import { planGrid } from '../../../core/media/grid.ts'
import type { Profile } from '../../../core/media/profile.ts'
import { queuePriority } from '../../../core/task-kinds.ts'
import type { Queue } from './desk.ts'

/** So many core seconds for each, and so many for every second of film. */
export type Line = { each: number; perSecond: number }

/**
 * What things cost one core. `publish` takes none to speak of, but is done by one at a time for each film; the last one
 * looks at all that was made.
 */
export type Costs = { inspect: number; encode: Line; sound: Line; stills: Line; publish: number; last: Line }

/** A film that comes in. */
export type Arrival = { at: number; seconds: number; bytes: number; priority?: Priority }

/** One task: core seconds until its first segment is out, and in all. */
export type Work = { film: number; queue: Queue; piece: number; priority: number; first: number; seconds: number }

export type VideoProfile = Exclude<Profile['video'], false>

export const costOf = ({ each, perSecond }: Line, seconds: number) => each + perSecond * seconds

const fps = { num: 25, den: 1 }

/** What `inspect` puts into the queues for a film: the same grid, the same order. */
export function tasksOfFilm(options: { film: number; arrival: Arrival; costs: Costs; video: VideoProfile }): Work[] {
  const { film, arrival, costs, video } = options
  const { seconds, priority = 'normal' } = arrival
  const grid = planGrid({ ...video, fps, frames: Math.round(seconds * fps.num), chunking: 'grid' })
  const segment = grid.segmentFrames / fps.num
  const make = (queue: Queue, cost: Line, length: number, piece = 0): Work => ({
    ...{ film, queue, piece, priority: queuePriority({ priority, piece }) },
    ...{ first: costOf(cost, Math.min(segment, length)), seconds: costOf(cost, length) },
  })
  return [
    ...grid.chunks.map(({ frames, index }) => make('video', costs.encode, frames / fps.num, index)),
    make('audio', costs.sound, seconds),
    make('image', costs.stills, seconds),
  ]
}

/** The look at a film before its plan is made. */
export function inspectionOf({ film, arrival, costs }: { film: number; arrival: Arrival; costs: Costs }): Work {
  const priority = queuePriority({ priority: arrival.priority ?? 'normal' })
  return { film, queue: 'intake', piece: 0, priority, first: costs.inspect, seconds: costs.inspect }
}
