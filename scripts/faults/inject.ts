import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as rest } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { connectQueues } from '../../queues/connect.ts'
import { jobId } from '../../queues/jobs.ts'
import { emptyPostgresQueue } from '../../test/setup/lose-queue.ts'
import type { FaultHouse } from './house.ts'
import type { Fault } from './plan.ts'
import type { Place } from './processes.ts'
import { ask } from './servers.ts'

/** Breaks something for as long as it says, and mends it again; but what was killed stays for others to find. Gives a word of what came of it. */
export async function inject(house: FaultHouse, fault: Fault): Promise<string | undefined> {
  const places = 'role' in fault ? (fault.role === 'api' ? house.apis : house.workers) : []
  const place = 'which' in fault ? places[fault.which % places.length] : undefined
  switch (fault.kind) {
    case 'kill':
      place?.kill('SIGKILL')
      return place?.ready().then(() => undefined)
    case 'kill all':
      for (const each of places) each.kill('SIGKILL')
      await Promise.all(places.map((each) => each.ready()))
      return undefined
    case 'pause':
      return place && pause(place, fault.forMs)
    case 'deploy':
    case 'kill point':
      return place && deploy(place, fault)
    case 'kill ffmpeg':
      return `${await killFfmpeg(house.scratch)} killed`
    case 'empty queue':
      return emptyQueue(house)
    case 'queue restarts empty':
      await house.redis?.kill()
      await rest(fault.forMs)
      await house.redis?.start()
      return undefined
    case 'postgres crashes':
      await house.postgres.kill()
      await rest(fault.forMs)
      await house.postgres.start()
      return undefined
    case 'sessions end':
      return endSessions(house)
    case 'jobs twice':
      return jobsTwice(house)
    case 'disk full':
      await house.disk?.fill()
      await rest(fault.forMs)
      await house.disk?.empty()
      return undefined
    case 'store lies':
      house.front?.set(fault)
      await rest(fault.forMs)
      house.front?.set(undefined)
      return undefined
    case 'network':
      house.proxies.get(fault.server)?.set(fault.network)
      await rest(fault.forMs)
      house.proxies.get(fault.server)?.set(undefined)
      return undefined
  }
}

async function pause(place: Place, ms: number): Promise<undefined> {
  const pid = place.pid()
  place.kill('SIGSTOP')
  await rest(ms)
  try {
    process.kill(pid, 'SIGCONT')
  } catch {
    // Another fault has killed it meanwhile.
  }
}

/** In good order: whatever it held is handed back. */
async function deploy(place: Place, fault: Fault): Promise<string> {
  const armed = fault.kind === 'kill point' ? { FAULT_POINT: `${fault.point}:${fault.n}` } : undefined
  const { code, tookMs } = await place.restart(armed)
  await place.ready()
  return `ended with ${code} after ${Math.round(tookMs)} ms`
}

/** Children of workers, found by the folder that they work in. */
export async function ffmpegOn(folder: string): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0)
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
  return pids.filter((_, at) => {
    const [command = ''] = (lines[at] ?? '').split('\0')
    return /ff(mpeg|probe)$/.test(command) && lines[at]?.includes(folder)
  })
}

async function killFfmpeg(folder: string): Promise<number> {
  const pids = await ffmpegOn(folder)
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }
  return pids.length
}

async function emptyQueue({ redis, postgres }: FaultHouse): Promise<undefined> {
  if (redis === undefined) return void (await emptyPostgresQueue(postgres.url))
  const client = new Redis(redis.url, { maxRetriesPerRequest: 3 })
  client.on('error', () => undefined)
  await client.flushall().catch(() => undefined)
  client.disconnect()
}

async function endSessions({ postgres }: FaultHouse): Promise<string> {
  const ended = await ask(
    postgres.url,
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'sluice%' AND pid <> pg_backend_pid()`,
  ).catch(() => [])
  return `${ended.length} sessions`
}

/** What is waiting or running is sent five times more, each time under an id that the queue has not seen. */
async function jobsTwice({ postgres, redis }: FaultHouse): Promise<string> {
  const tasks = await ask<{ id: string; key: string; queue: string }>(
    postgres.url,
    "SELECT id, key, queue FROM tasks WHERE status IN ('pending', 'running') AND key NOT LIKE 'purge%' LIMIT 20",
  ).catch(() => [])
  const connection = connectQueues({ url: redis?.url ?? postgres.url, onError: () => undefined })
  try {
    for (const { id, key, queue } of tasks) {
      const handle = connection.queue(queue)
      const again = [901, 902, 903, 904, 905].map((pushes) => ({
        name: key,
        data: { taskId: id },
        opts: { jobId: jobId({ taskId: id, pushes }) },
      }))
      await handle.addBulk(again)
      await handle.close()
    }
  } catch {
    // The queue is away by another fault.
  } finally {
    await connection.close()
  }
  return `${tasks.length} tasks`
}
