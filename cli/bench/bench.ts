import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { sql } from 'kysely'
import { newCheckKey } from '../../core/storage/check.ts'
import { runChild } from '../../workers/edges/process.ts'
import { findTools } from '../../workers/edges/tools.ts'
import { bytes } from '../amounts.ts'
import { columns } from '../columns.ts'
import type { Where } from '../options.ts'
import { printJson } from '../terminal.ts'
import { type CliHouse, withHouse } from '../with-house.ts'

const storedBytes = 64 * 2 ** 20
const commits = 100

/** Three figures that say what to expect: of a film, of its bytes, of a request. */
export async function bench({ seconds, json, ...where }: Where & { seconds: number }): Promise<void> {
  const found = await withHouse(where, async (house) => ({
    cores: availableParallelism(),
    encodesTimesRealTime: round(await encodeSpeed(house, seconds)),
    storesBytesPerSecond: Math.round(await storeSpeed(house)),
    commitMs: round(await commitTime(house)),
  }))
  if (json) return printJson(found)
  const rows = [
    ['one quality of 1080p', `${found.encodesTimesRealTime} × real time, on ${found.cores} cores`],
    ['storage takes', `${bytes(found.storesBytesPerSecond)}/s`],
    ['Postgres commits in', `${found.commitMs} ms`],
  ]
  console.log(columns(rows))
}

const round = (value: number) => Math.round(value * 10) / 10

/** x264 as the default profile sets it, on film-like noise over a moving picture: bare `testsrc2` would flatter. */
async function encodeSpeed({ config }: CliHouse, seconds: number): Promise<number> {
  const { FFMPEG_PATH: ffmpegPath, FFPROBE_PATH: ffprobePath, searchPath } = config
  const { ffmpeg } = await findTools({ ffmpegPath, ffprobePath, searchPath })
  const source = `testsrc2=size=1920x1080:rate=25:duration=${seconds},noise=alls=12:allf=t`
  const coding = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '23', '-pix_fmt', 'yuv420p']
  const argv = [ffmpeg, '-hide_banner', '-v', 'error', '-f', 'lavfi', '-i', source, ...coding, '-f', 'null', '-']
  const since = performance.now()
  const { ended, stderrTail } = await runChild({ argv, cwd: '/', wallMs: 600_000 })
  if (ended.code !== 0) throw new Error(`ffmpeg: ${stderrTail}`)
  return seconds / ((performance.now() - since) / 1_000)
}

async function storeSpeed({ storage }: CliHouse): Promise<number> {
  const key = newCheckKey('bin')
  const body = randomBytes(storedBytes)
  const since = performance.now()
  try {
    await storage.put(key, body, { contentType: 'application/octet-stream', cacheControl: 'no-store' })
    return storedBytes / ((performance.now() - since) / 1_000)
  } finally {
    await storage.delete([key])
  }
}

/** The one after the other, each waited for, as a caller waits for the answer to an upload. */
async function commitTime({ db }: CliHouse): Promise<number> {
  return db.connection().execute(async (connection) => {
    const since = performance.now()
    // Goes to disk as a row would, and leaves none.
    for (let n = 0; n < commits; n++)
      await sql`SELECT pg_logical_emit_message(true, 'sluice bench', 'x')`.execute(connection)
    return (performance.now() - since) / commits
  })
}
