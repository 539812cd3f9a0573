import { makeCore } from './core.ts'
import { makeDesk } from './desk.ts'
import { type Film, type FilmTimes, filmOf, firstSegmentOut, pieceDone } from './film.ts'
import { makeHeap } from './heap.ts'
import { type Arrival, type Costs, inspectionOf, tasksOfFilm, type VideoProfile, type Work } from './work.ts'

export type Fleet = {
  /** Of one core each. */
  workers: number
  coresPerMachine: number
  /** What a machine fetches in a second; its workers share what it has fetched. */
  bytesPerSecond: number
}

type Options = { arrivals: Arrival[]; fleet: Fleet; costs: Costs; video: VideoProfile }

/**
 * When films can be played and are ready, and the core seconds that all of them took. The rules are the house's own: a
 * queue for each kind of work, piece 0 of everything before piece 1 of anything, the source fetched once a machine, a
 * `publish` after every piece.
 */
export function simulateFleet({ arrivals, fleet, costs, video }: Options): { films: FilmTimes[]; work: number } {
  const timeline = makeHeap<(now: number) => void>()
  const films = arrivals.map(filmOf)
  const run = runOn({ cores: fleet.workers, at: timeline.put })
  let work = 0

  const begin = (task: Work, core: number, now: number) => {
    const film = films[task.film]
    if (!film) return
    work += task.seconds
    const finish = (at: number) => {
      if (task.queue === 'intake') {
        const pieces = tasksOfFilm({ film: task.film, arrival: film.arrival, costs, video })
        film.left = pieces.length
        for (const piece of pieces) desk.send(piece, at)
      } else pieceDone({ film, costs, now: at })
      desk.release(task.queue, core, at)
    }
    const first = (at: number) => {
      firstSegmentOut({ film, task, costs, now: at })
      run({ core, seconds: task.seconds - task.first, whenDone: finish, now: at })
    }
    const start = (at: number) => run({ core, seconds: task.first, whenDone: first, now: at })
    timeline.put(fetchedAt({ film, machine: Math.floor(core / fleet.coresPerMachine), fleet, now }), start)
  }
  const desk = makeDesk({ workers: fleet.workers, begin })
  for (const [film, arrival] of arrivals.entries())
    timeline.put(arrival.at, (now) => desk.send(inspectionOf({ film, arrival, costs }), now))
  for (let event = timeline.take(); event !== undefined; event = timeline.take()) event.what(event.rank)
  return { films: films.map(({ times }) => times), work }
}

/** When a machine has the source; whoever comes first begins to fetch it. */
function fetchedAt({ film, machine, fleet, now }: { film: Film; machine: number; fleet: Fleet; now: number }): number {
  const at = film.fetched.get(machine) ?? now + film.arrival.bytes / fleet.bytesPerSecond
  film.fetched.set(machine, at)
  return Math.max(now, at)
}

type Timeline = { cores: number; at: (rank: number, what: (now: number) => void) => void }
type Step = { core: number; seconds: number; whenDone: (now: number) => void; now: number }

/** The cores of a fleet on one timeline. */
function runOn({ cores: count, at }: Timeline): (step: Step) => void {
  const cores = Array.from({ length: count }, makeCore)
  const due: number[] = []
  const look = (n: number) => {
    const next = cores[n]?.next() ?? Number.POSITIVE_INFINITY
    due[n] = next
    if (next === Number.POSITIVE_INFINITY) return
    at(next, (now) => {
      // Something else started meanwhile, and the moment has moved.
      if (due[n] !== now) return
      cores[n]?.run(now)
      look(n)
    })
  }
  return ({ core, ...step }) => {
    cores[core]?.start(step)
    look(core)
  }
}
