import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import type { Queue } from 'bullmq'
import { boardTasks } from '../../core/db/board-tasks.ts'
import { redactDeep } from '../../core/logger.ts'
import { taskPayload } from '../../queues/payloads.ts'
import type { ApiHouse } from '../house.ts'
import { assetPage, jobData, jobName } from './job-words.ts'

type Job = NonNullable<Awaited<ReturnType<BullMQAdapter['getJob']>>>

/**
 * A queue as the board sees it. Jobs hold `{ taskId }` and no more, so what an operator reads is joined from the rows, for the
 * page of jobs that was asked for.
 */
export function boardQueue(queue: Queue, house: Pick<ApiHouse, 'config' | 'db' | 'log'>): BullMQAdapter {
  const options = {
    readOnlyMode: house.config.BOARD_READ_ONLY,
    allowCompletedRetries: false,
    description: abouts[queue.name] ?? '',
    externalJobUrl: ({ data }: { data: unknown }) => linkOf(data),
  }
  const adapter = new BullMQAdapter(queue, options)
  // Jobs of the intake hold addresses, and those may be signed: operators see where from, and not the signature.
  adapter.setFormatter('data', redactDeep)
  const { getJob, getJobs } = adapter
  adapter.getJob = async (id) => {
    const job = await getJob.call(adapter, id)
    return job ? (await explained(house, [job]))[0] : job
  }
  adapter.getJobs = async (statuses, start, end) => explained(house, await getJobs.call(adapter, statuses, start, end))
  return adapter
}

const abouts: Record<string, string> = {
  intake: 'what was sent: looked at, and planned',
  fetch: 'addresses, waiting for the network',
  video: 'chunks of videos, waiting for a processor',
  audio: 'sound and subtitles',
  image: 'pictures, thumbnails, storyboards',
  publish: 'what is made is shown',
  notify: 'webhooks',
  upkeep: 'what the house does for itself',
}

/** The same jobs, which can be retried as before and show what their rows say. When the rows cannot be read, they show themselves. */
async function explained({ db, log }: Pick<ApiHouse, 'db' | 'log'>, jobs: Job[]): Promise<Job[]> {
  const ids = jobs.flatMap((job) => taskIdOf(job) ?? [])
  const tasks = await boardTasks(db, ids).catch((err: unknown) => {
    log.warn({ err }, 'the board shows jobs without what their rows say')
    return []
  })
  for (const job of jobs) {
    const task = tasks.find(({ id }) => id === taskIdOf(job))
    if (task === undefined) continue
    const plain = { ...job.toJSON(), name: jobName(task), data: jobData(task) }
    job.toJSON = () => plain
  }
  return jobs
}

const taskIdOf = (job: Job) => taskPayload.safeParse(job.toJSON().data).data?.taskId

/** Only of what we joined ourselves: a job that somebody wrote by hand must not choose where an operator is led. */
function linkOf(data: unknown) {
  const { asset } = (data ?? {}) as { asset?: { id?: unknown; page?: unknown } }
  const isOurs = typeof asset?.id === 'string' && /^[\w-]{36}$/.test(asset.id) && asset.page === assetPage(asset.id)
  return isOurs ? { href: assetPage(String(asset.id)), displayText: 'Asset' } : { href: '/', displayText: 'Console' }
}
