import type { BoardTask } from '../../core/db/board-tasks.ts'

const done: Record<string, string> = {
  fetch: 'fetch the address',
  seal: 'put the upload together',
  inspect: 'look at the file',
  digest: 'sum up its bytes',
  sound: 'encode the sound',
  subtitles: 'read the subtitles',
  stills: 'make thumbnails',
  storyboard: 'make the storyboard',
  variants: 'make pictures',
  mp4: 'make the MP4',
  bring: 'bring home from the spool',
  purge: 'delete what is stored',
}

/** What a task is about, for people: `chunk 3 of 12`. Keys count from 0, people do not. */
export function taskWords(key: string, pieces: number | undefined): string {
  const [kind = '', ...rest] = key.split(':')
  if (kind === 'publish') return `publish after: ${taskWords(rest.join(':'), pieces)}`
  if (kind === 'encode' && /^\d+$/.test(rest[0] ?? '')) return `chunk ${Number(rest[0]) + 1}${of(pieces)}`
  return done[kind] ?? key
}

const of = (pieces: number | undefined) => (pieces === undefined ? '' : ` of ${pieces}`)

/** Never the query of an address: it holds signatures. */
const nameOf = (task: BoardTask) => task.source_filename ?? task.source_url?.split(/[?#]/, 1)[0] ?? task.asset_id

/** The heading of a job on the board. */
export const jobName = (task: BoardTask) => `${taskWords(task.key, task.pieces)} · ${nameOf(task)}`

/** What the board shows in place of `{ taskId }`: the row as it is now, not as it was when the job was sent. */
export function jobData(task: BoardTask) {
  return {
    asset: {
      id: task.asset_id,
      file: nameOf(task),
      kind: task.kind,
      status: task.deleted_at === null ? task.asset_status : 'deleted',
      tenant: task.tenant,
      page: assetPage(task.asset_id),
    },
    task: {
      does: taskWords(task.key, task.pieces),
      status: task.status,
      error: task.error && `${task.error.code}: ${task.error.message}`,
      attempt: task.attempt,
      failures: task.failures,
      ...(task.crashes > 0 ? { crashes: task.crashes } : {}),
      progress: task.progress,
      worker: task.worker,
      ...(task.status === 'pending' ? { notBefore: task.run_after.toISOString() } : {}),
      key: task.key,
      generation: task.generation,
      id: task.id,
    },
  }
}

/** Where the console shows an asset. */
export const assetPage = (id: string) => `/#asset/${id}`
