import { execFile } from 'node:child_process'
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { nodeFlags } from '../../cli/node-flags.ts'
import { freePort } from '../../core/db/embedded/free-port.ts'
import { createKey } from '../../core/db/keys.ts'
import { openDatabase } from '../../core/db/open.ts'
import { plainImage } from '../../fixtures/images.ts'
import { listenLocally } from '../../scripts/servers/listen.ts'
import { atEnd } from '../setup/at-end.ts'
import { type LiveHouse, liveHouse, main } from '../setup/live-house.ts'
import { tempFolder } from '../setup/temp-folder.ts'

export const root = fileURLToPath(new URL('../..', import.meta.url))

export type ReadersMachine = {
  house: LiveHouse
  /** The same house, where keys are asked for. */
  keyedUrl: string
  key: string
  /** Where a picture can be fetched. */
  origin: string
  folder: string
  env: Record<string, string>
}

/** What somebody who follows the docs has before them: a checkout, commands on the PATH, files of their own, and a house that runs. */
export async function readersMachine(): Promise<ReadersMachine> {
  const folder = await tempFolder()
  const photos = join(folder, 'photos')
  const settings = { FETCH_ALLOW: '127.0.0.1', SOURCE_DIRS: photos, DIRECT_UPLOADS: 'on' }
  const [house, origin] = await Promise.all([liveHouse({ env: settings, quick: true }), pictureServer()])
  const [keyed] = await Promise.all([house.anotherApi({ AUTH: 'keys' }), house.worker(), layOut(folder, photos)])
  const env = {
    ...settings,
    DATABASE_URL: house.databaseUrl,
    STORAGE_DIR: `${house.folder}/media`,
    SCRATCH_DIR: `${folder}/scratch`,
    PUBLIC_URL: house.url,
    SLUICE_URL: house.url,
    HOME: folder,
    PORT: String(await freePort()),
    PATH: `${folder}/bin:${process.env['PATH']}`,
  }
  return { house, keyedUrl: keyed.url, key: await adminKey(house), origin, folder, env }
}

async function adminKey({ databaseUrl: url }: LiveHouse): Promise<string> {
  const db = openDatabase({ url, name: 'test', connections: 1, onError: () => undefined })
  try {
    return (await createKey(db, { tenant: 'default', name: 'a reader', scopes: ['admin'] })).secret
  } finally {
    await db.destroy()
  }
}

async function pictureServer(): Promise<string> {
  const picture = await plainImage({ width: 32, height: 18, color: 'teal', format: 'jpeg' })
  const server = createServer((_request, response) => response.setHeader('content-type', 'image/jpeg').end(picture))
  atEnd(async () => void server.close())
  return `http://127.0.0.1:${await listenLocally(server)}`
}

/** `npm run sluice` would install first; curl tells of refusals by its exit status too; `watch` wants a terminal, and never ends. */
const commands = {
  sluice: `exec '${process.execPath}' ${nodeFlags.join(' ')} '${main}' "$@"`,
  npm: `[ "$1 $2 $3 $4" = 'run --silent sluice --' ] || exit 99; shift 4; exec sluice "$@"`,
  curl: `case " $*" in *' -f'*) ;; *) set -- --fail-with-body "$@" ;; esac; PATH=\${PATH#*:}; exec curl "$@"`,
  watch: 'shift 2; exec "$@"',
}

async function layOut(folder: string, photos: string): Promise<void> {
  for (const made of ['bin', 'fixtures', 'photos', 'real', '.zfunc', '.config/fish/completions'])
    await mkdir(join(folder, made), { recursive: true })
  for (const [name, line] of Object.entries(commands)) {
    await writeFile(join(folder, 'bin', name), `#!/usr/bin/env bash\n${line}\n`)
    await chmod(join(folder, 'bin', name), 0o755)
  }
  await symlink(join(root, 'docs'), join(folder, 'docs'))
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  // Where only the way of the bytes is shown they are a picture, whatever the name says: films are long in the making.
  const picture = await plainImage({ width: 64, height: 36, color: 'olive', format: 'png' })
  for (const name of ['film.mp4', 'fixtures/sample.mp4']) await writeFile(join(folder, name), picture)
  const ffmpeg = (...args: string[]) => promisify(execFile)('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', ...args])
  await ffmpeg('testsrc2=s=320x180:r=10:d=1', '-c:v', 'libx264', '-preset', 'ultrafast', join(folder, 'real/film.mp4'))
  await ffmpeg('sine=d=1', join(folder, 'in.avi'))
  await writeFile(join(photos, 'red.png'), await plainImage({ width: 16, height: 9, color: 'red', format: 'png' }))
}
