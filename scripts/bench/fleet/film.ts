import { type Arrival, type Costs, costOf, type Work } from './work.ts'

/** Seconds after it came in. */
export type FilmTimes = { playable: number; ready: number }

/** How far one film is. */
export type Film = {
  arrival: Arrival
  /** Pieces that are not done. */
  left: number
  /** Of the pictures and the sound, what has no first segment yet. */
  toBegin: Set<Work['queue']>
  /** When its last `publish` so far is over. */
  published: number
  /** When each machine has its source. */
  fetched: Map<number, number>
  times: FilmTimes
}

export const filmOf = (arrival: Arrival): Film => ({
  arrival,
  left: 0,
  toBegin: new Set(['video', 'audio']),
  published: 0,
  fetched: new Map(),
  times: { playable: Number.NaN, ready: Number.NaN },
})

type Step = { film: Film; costs: Costs; now: number }

/** Viewers can begin once pictures and sound have a first segment, and that is published. */
export function firstSegmentOut({ film, task, costs, now }: Step & { task: Work }): void {
  const isStart = task.queue !== 'video' || task.piece === 0
  if (isStart && film.toBegin.delete(task.queue) && film.toBegin.size === 0)
    film.times.playable = now + costs.publish - film.arrival.at
}

/** Every piece brings a `publish`, one after the other; the last one makes it ready. */
export function pieceDone({ film, costs, now }: Step): void {
  film.left -= 1
  const { arrival } = film
  const cost = film.left === 0 ? costOf(costs.last, arrival.seconds) : costs.publish
  film.published = Math.max(film.published, now) + cost
  if (film.left === 0) film.times.ready = film.published - arrival.at
}
