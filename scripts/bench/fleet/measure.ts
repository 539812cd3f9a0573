import { z } from 'zod'
import { waitUntil } from '../../../core/db/embedded/wait-until.ts'
import { filmMaker } from '../film.ts'
import { type BenchHouse, openHouse } from '../house.ts'
import { median } from '../median.ts'
import { sendFilm, takeBack, waitUntilReady } from '../send.ts'
import type { Costs, Line } from './work.ts'

type Options = {
  folder: string
  films: string
  ffmpeg: string
  /** Lengths of film: two for sound and stills, whose cost grows with it, and one for the pictures. */
  seconds: { short: number; long: number; pictures: number }
  stop: AbortSignal
}

/** What one core needs for each kind of task, each measured with nothing beside it on that core. */
export async function measureCosts(options: Options): Promise<Costs & { bytes: number }> {
  const { folder, films: shared, ffmpeg, seconds, stop } = options
  const films = filmMaker({ folder: shared, ffmpeg, stop, reelSeconds: 20 })
  await using house = await openHouse({ folder, workers: [], stop })
  const film = (length: number) => films.film({ seconds: length })
  // Also the first start of everything, which is nobody's measurement.
  const tiny = await measurePictures({ house, file: await film(tinySeconds), stop })
  const aside = async (length: number) => {
    const { asset, tasks } = await runAlone({ house, file: await film(length), stop })
    await takeBack({ house, asset, stop })
    return tasks
  }
  const [short, long] = [await aside(seconds.short), await aside(seconds.long)]
  const line = (kind: string) => lineThrough([seconds.short, took(short, kind)], [seconds.long, took(long, kind)])
  const { bytes, last, ...rest } = await measurePictures({ house, file: await film(seconds.pictures), stop })
  return {
    ...{ inspect: took(long, 'inspect'), sound: line('sound'), stills: line('stills') },
    ...{ ...rest, last: lineThrough([tinySeconds, tiny.last], [seconds.pictures, last]) },
    bytes: bytes / seconds.pictures,
  }
}

const tinySeconds = 4

type Point = [seconds: number, cost: number]

function lineThrough([x, a]: Point, [y, b]: Point): Line {
  const perSecond = Math.max(0, (b - a) / (y - x))
  return { perSecond, each: Math.max(0, b - perSecond * y) }
}

/** The pictures with nothing beside them, then the rest. The first piece has 4 s of film, all others 32 s each. */
async function measurePictures({ house, file, stop }: { house: BenchHouse; file: string; stop: AbortSignal }) {
  const { asset } = await sendFilm({ house, file, stop, until: () => true })
  {
    await using _pictures = await house.worker({ core: 0, queues: ['intake', 'video', 'publish'] })
    await waitFor({ house, id: asset.id, kinds: ['encode'], stop })
  }
  await using _rest = await house.worker({ core: 0 })
  await waitUntilReady({ house, asset, stop })
  const tasks = await waitFor({ house, id: asset.id, kinds: ['publish'], stop })
  const [first = 0, ...others] = tasks.filter(({ key }) => key.startsWith('encode:')).map(({ seconds }) => seconds)
  const encode = lineThrough([4, first], [32, median(others)])
  const last = Math.max(...tasks.filter(({ key }) => key.startsWith('publish:')).map(({ seconds }) => seconds))
  return { encode, publish: took(tasks, 'publish'), last, bytes: asset.source.bytes ?? 0 }
}

type Task = { key: string; status: string; seconds: number }

const took = (tasks: Task[], kind: string) =>
  median(tasks.filter(({ key }) => key.split(':')[0] === kind).map(({ seconds }) => seconds))

/** Everything but the pictures: a worker for each kind, one after the other. */
async function runAlone({ house, file, stop }: { house: BenchHouse; file: string; stop: AbortSignal }) {
  const { asset } = await sendFilm({ house, file, stop, until: () => true })
  const kinds = [['intake', 'inspect'] as const, ['audio', 'sound'] as const, ['image', 'stills'] as const]
  let tasks: Task[] = []
  for (const [queue, kind] of kinds) {
    await using _worker = await house.worker({ core: 0, queues: [queue] })
    tasks = await waitFor({ house, id: asset.id, kinds: [kind], stop })
  }
  return { asset, tasks }
}

const answerSchema = z.object({
  data: z.array(
    z.object({
      key: z.string(),
      status: z.string(),
      startedAt: z.string().nullable(),
      finishedAt: z.string().nullable(),
    }),
  ),
})

type Wait = { house: BenchHouse; id: string; kinds: string[]; stop: AbortSignal }

/** The asset's tasks, once there are some of these kinds and all of those are done. */
function waitFor({ house, id, kinds, stop }: Wait): Promise<Task[]> {
  const what = `the end of ${kinds.join(', ')}`
  const ask = async () => {
    const answer = await fetch(`${house.url}/v1/assets/${id}/tasks`, { signal: stop })
    const tasks = answerSchema.parse(await answer.json()).data.map(({ startedAt, finishedAt, ...task }) => {
      const seconds = (Date.parse(finishedAt ?? '') - Date.parse(startedAt ?? '')) / 1000
      return { ...task, seconds }
    })
    const wanted = tasks.filter(({ key }) => kinds.includes(key.split(':')[0] ?? ''))
    if (wanted.some(({ status }) => status === 'failed')) throw new Error(`${what} was a failure`)
    return wanted.length > 0 && wanted.every(({ status }) => status === 'done') ? tasks : undefined
  }
  return waitUntil({ what, timeoutMs: 3_600_000, everyMs: 200, signal: stop, ask })
}
