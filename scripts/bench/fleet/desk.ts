import { makeHeap } from './heap.ts'
import type { Work } from './work.ts'

/** What a worker process with one core takes at once; as `workers/consume.ts` has it. */
const slots = { intake: 4, video: 1, audio: 1, image: 1 } as const
export type Queue = keyof typeof slots

type Options = { workers: number; begin: (task: Work, core: number, now: number) => void }

/** Who gets what: in each queue the lowest number first, to the worker that has waited longest. */
export function makeDesk({ workers, begin }: Options) {
  // At the start each queue has other workers in front: nobody has one of everything while others have nothing.
  const open = (slotsOfOne: number, turn: number) => ({
    waiting: makeHeap<Work>(),
    free: Array.from({ length: workers * slotsOfOne }, (_, n) => (n + Math.floor(turn * workers)) % workers),
  })
  const queues = {
    intake: open(slots.intake, 0),
    video: open(slots.video, 0),
    audio: open(slots.audio, 0.4),
    image: open(slots.image, 0.7),
  }
  const serve = (queue: Queue, now: number) => {
    const { waiting, free } = queues[queue]
    const [core] = free
    const next = core === undefined ? undefined : waiting.take()
    if (core === undefined || next === undefined) return
    free.shift()
    begin(next.what, core, now)
  }
  return {
    send(task: Work, now: number) {
      queues[task.queue].waiting.put(task.priority, task)
      serve(task.queue, now)
    },
    release(queue: Queue, core: number, now: number) {
      queues[queue].free.push(core)
      serve(queue, now)
    },
  }
}
