import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import { acceptAsset } from '../../core/accept.ts'
import { newId } from '../../core/ids.ts'
import { createLogger } from '../../core/logger.ts'
import { isSourceKey, privateObject, sourceKey } from '../../core/storage/keys.ts'
import type { Ground, HostileFile } from '../../fixtures/hostile/hostile-file.ts'
import { listenLocally } from '../../scripts/servers/listen.ts'
import { findSandbox } from '../../workers/edges/sandbox.ts'
import { handlers } from '../../workers/handlers.ts'
import { runTask } from '../../workers/run-task.ts'
import { atEnd } from '../setup/at-end.ts'
import { readAsset, type TestHouse, testHouse } from '../setup/house.ts'
import { runTasks } from '../setup/run-through.ts'
import { tempFolder } from '../setup/temp-folder.ts'
import type { Measured } from './hostile-page.ts'
import { watchMemory } from './watched-memory.ts'

const run = promisify(execFile)
const open = new AbortController().signal

/** What stands in the file that nobody may read. */
export const canaryText = 'CANARY-b7f0d1c2-of-somebody-else'

export type Ended = {
  /** The code it was refused with, else the kind of media it was taken for. */
  became: string
  /** How long the first look took. */
  ms: number
  /** How often each failed task was tried. */
  tries: number[]
}

/** A house whose ffmpeg keeps the network and sees every file, so that the lists alone must hold; a listener that must hear nobody; files of somebody else. */
export async function hostileHouse() {
  const folder = await tempFolder()
  const profiles = path.join(folder, 'profiles.json')
  await writeFile(profiles, JSON.stringify({ tiff: { images: { tiff: true } } }))
  const lines: string[] = []
  const made = await testHouse({ env: { PROFILES_FILE: profiles } })
  const house: TestHouse = {
    ...made,
    log: createLogger({ level: 'trace', name: 'test' }, { write: (line) => lines.push(line) }),
    tools: { ...made.tools, sandbox: await withoutWalls(made.tools) },
  }
  const bird = await listener()
  const ground = await groundOf({ folder, port: bird.port, house })
  const memory = watchMemory()
  atEnd(async () => memory.stop())
  return {
    connections: bird.connections,
    mostBytes: memory.mostBytes,
    send: (file: HostileFile) => send({ house, ground, file }),
    /** By itself, and with nothing that others left: also its decoder is a new one. */
    async measure(file: HostileFile, n: number): Promise<Measured> {
      memory.reset()
      const ended = await send({ house, ground, file, tenant: `stranger-${n}` })
      return { ...ended, peakBytes: memory.mostBytes() }
    },
    /** Whatever the house wrote anywhere: rows, lines, and objects but for the sources themselves. */
    everythingWritten: () => everythingWritten({ house, lines }),
  }
}

function withoutWalls({ ffmpeg }: TestHouse['tools']): Promise<string[]> {
  return findSandbox({ folders: ['/usr/bin', '/bin'], binary: ffmpeg, without: ['bwrap', 'unshare'] })
}

async function listener() {
  let connections = 0
  const server = createServer((socket) => {
    connections++
    socket.destroy()
  })
  const port = await listenLocally(server)
  atEnd(async () => server.close())
  return { port, connections: () => connections }
}

async function groundOf(options: { folder: string; port: number; house: TestHouse }): Promise<Ground> {
  const { folder, port, house } = options
  const good = path.join(folder, 'good.mp4')
  const film = path.join(folder, 'victim.ts')
  const text = path.join(folder, 'victim.txt')
  await writeFile(text, `${canaryText}\n`.repeat(20))
  const inputs = ['-f', 'lavfi', '-i', 'testsrc2=s=160x90:r=10:d=1', '-f', 'lavfi', '-i', 'sine=f=440:r=44100:d=1']
  const quiet = ['-nostdin', '-v', 'error', '-y']
  await run('ffmpeg', [
    ...quiet,
    ...inputs,
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-c:a',
    'aac',
    '-shortest',
    good,
  ])
  await run('ffmpeg', [...quiet, '-i', good, '-c', 'copy', film])
  const wayToFilm = path.relative(path.join(house.scratchDir, 'task-of-somebody'), film)
  return { film, text, wayToFilm, port, good: await readFile(good) }
}

type Sending = { house: TestHouse; ground: Ground; file: HostileFile; tenant?: string }

async function send({ house, ground, file, tenant = 'default' }: Sending): Promise<Ended> {
  const { name: filename, profile, whole } = file
  const asset = { id: newId(), tenant }
  const stored = await house.storage.put(sourceKey(asset, filename), await file.bytes(ground), privateObject)
  const { reminders } = await acceptAsset(house, { ...asset, profile, source: { type: 'upload', filename, ...stored } })
  const startedAt = performance.now()
  await runTask({ house, taskId: reminders[0]?.taskId ?? '', handlers, closing: open })
  const ms = performance.now() - startedAt
  if (whole) await runTasks(house, asset.id)
  const row = await readAsset(house, asset.id)
  const failed = house.db
    .selectFrom('tasks')
    .select('attempt')
    .where('asset_id', '=', asset.id)
    .where('status', '=', 'failed')
  const tries = (await failed.execute()).map(({ attempt }) => attempt)
  const error = row.error as { code?: string } | null
  const taken = whole ? row.status === 'ready' : row.status === 'processing'
  return { became: error?.code ?? (taken ? String(row.kind) : `${row.status}, ${row.kind}`), ms, tries }
}

async function everythingWritten({ house, lines }: { house: TestHouse; lines: string[] }): Promise<string> {
  const rows: unknown[] = []
  for (const name of ['assets', 'tasks', 'events', 'outputs'])
    rows.push((await sql`SELECT * FROM ${sql.table(name)}`.execute(house.db)).rows)
  const objects: string[] = []
  for await (const { key } of house.storage.list(''))
    if (!isSourceKey(key)) objects.push(key, await text(await house.storage.get(key)))
  return [JSON.stringify(rows), ...lines, ...objects].join('\n')
}
