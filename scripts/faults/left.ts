import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as rest } from 'node:timers/promises'
import { ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3'
import { isStillGrowing } from '../../workers/upkeep/finish-uploads.ts'
import type { FaultHouse } from './house.ts'
import { ffmpegOn } from './inject.ts'

/**
 * A run that was overtaken learns of it from its next heartbeat, and stops; what dead workers left is found within a minute in
 * production.
 */
const momentMs = { short: 10_000, usual: 75_000 }

/** What should be gone by now. What the store keeps half-done is first swept as upkeep does, though upkeep waits for a day. */
export async function findLeft(house: FaultHouse): Promise<string[]> {
  const open = isStillGrowing(house)
  const until = performance.now() + momentMs[house.usual ? 'usual' : 'short']
  for (;;) {
    const running = await leftByWorkers(house)
    if (running.length > 0 && performance.now() < until) {
      await rest(100)
      continue
    }
    await house.storage.sweep({ olderThanMs: 0, spare: open })
    const temps = house.means.storage === 'local' ? await namesIn(`${house.folder}/media/.tmp`) : []
    return [...running, ...temps.map((temp) => `media/.tmp/${temp}`), ...(await openMultiparts(house, open))]
  }
}

/** What workers have under way, and what dead ones have left. */
export async function leftByWorkers(house: FaultHouse): Promise<string[]> {
  const left = (await ffmpegOn(house.scratch)).map((pid) => `ffmpeg ${pid}`)
  const living = new Set(house.workers.map((worker) => String(worker.pid())))
  for (const name of await namesIn(house.scratch)) {
    const pid = /-(\d+)-\w+$/.exec(name)?.[1]
    if (!name.startsWith('worker-')) continue
    if (pid !== undefined && !living.has(pid)) left.push(`the folder of a dead worker, ${name}`)
    for (const task of await namesIn(path.join(house.scratch, name))) left.push(`${name}/${task}`)
  }
  return left
}

async function openMultiparts({ bucket }: FaultHouse, open: (key: string) => Promise<boolean>): Promise<string[]> {
  if (bucket === undefined) return []
  const { endpoint = '', region, accessKeyId = '', secretAccessKey = '' } = bucket
  const client = new S3Client({ endpoint, region, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } })
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket.bucket }))
  client.destroy()
  const left: string[] = []
  for (const { Key = '' } of Uploads) if (!(await open(Key))) left.push(`an open multipart upload of ${Key}`)
  return left
}

const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => [])
