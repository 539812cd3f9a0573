// Makes a fresh clone ready for `npm run up` or `npm test`. Runs on the system's Node 20, before anything is installed.
// What it says goes to standard error: standard output belongs to the command that follows.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, lstatSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const modules = join(root, 'node_modules')
const stamp = join(modules, '.sluice-installed')
const forTests = process.argv[2] === 'test'
const { env } = process

const say = (line) => process.stderr.write(`${line}\n`)
const giveUp = (line) => {
  say(line)
  process.exit(1)
}

/** Runs a command in silence; what it said is shown only when it fails. */
function run(command, args, options = {}) {
  const ran = spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 2 ** 20, ...options })
  return { ok: ran.status === 0, said: `${ran.stdout ?? ''}${ran.stderr ?? ''}${ran.error?.message ?? ''}` }
}

function onPath(name) {
  const folders = [...(env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/sbin']
  return folders.some((folder) => existsSync(join(folder, name)))
}

function installModules() {
  const lock = join(root, 'package-lock.json')
  const wanted = createHash('sha256')
    .update(readFileSync(lock))
    .update(process.platform + process.arch)
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  // `npm install` and `npm ci` by hand leave their own mark, newer than the lockfile that they followed.
  const byHand = join(modules, '.package-lock.json')
  if (existsSync(stamp) || !existsSync(byHand) || statSync(byHand).mtimeMs < statSync(lock).mtimeMs) {
    // npm would empty the folder behind the link, which is somebody else's.
    if (lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink())
      giveUp('node_modules is a link to other packages than these need: remove it, and start again.')
    say('installing packages (once, about a minute) …')
    const npm = env.npm_execpath ? [process.execPath, env.npm_execpath] : ['npm']
    const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error', '--include=dev', '--include=optional']
    const { ok, said } = run(npm[0], [...npm.slice(1), ...args])
    if (!ok) giveUp(`${said}\nThe packages could not be installed; the lines above say why.`)
  }
  checkNode()
  writeFileSync(stamp, wanted)
}

/** npm's scripts find node_modules/.bin first, and with it the Node 24 that the lockfile brings for most platforms. */
function checkNode() {
  const { ok, said } = run(join(modules, '.bin/node'), ['--version'])
  const version = ok ? said.trim() : process.version
  if (Number(/^v(\d+)/.exec(version)?.[1]) < 24)
    giveUp(
      `Sluice runs on Node 24 or newer; here is ${version}, and no packaged one for this platform. See https://nodejs.org`,
    )
}

/** How apt-get may be called here, undefined where it may not. */
function aptGet() {
  if (!onPath('apt-get')) return undefined
  if (process.getuid?.() === 0) return ['apt-get']
  return onPath('sudo') && run('sudo', ['-n', 'true']).ok ? ['sudo', '-n', 'apt-get'] : undefined
}

/** True when the packages are there afterwards. */
function aptInstall(packages) {
  const apt = aptGet()
  if (apt === undefined) return false
  say(`installing ${packages.join(', ')} with apt-get …`)
  const options = { env: { ...env, DEBIAN_FRONTEND: 'noninteractive' } }
  const call = (...args) => run(apt[0], [...apt.slice(1), '-qq', '-o', 'DPkg::Lock::Timeout=120', ...args], options)
  const install = () => call('install', '-y', '--no-install-recommends', ...packages)
  if (install().ok) return true
  const updated = call('update')
  const { ok, said } = install()
  if (!ok) say(`${updated.ok ? '' : updated.said}${said}`.trim())
  return ok
}

function findFfmpeg() {
  const ffmpeg = env.FFMPEG_PATH
    ? existsSync(env.FFMPEG_PATH)
    : onPath('ffmpeg') || existsSync(join(modules, 'ffmpeg-static/ffmpeg'))
  const packaged = join(modules, '@ffprobe-installer', `${process.platform}-${process.arch}`, 'ffprobe')
  const ffprobe = env.FFPROBE_PATH ? existsSync(env.FFPROBE_PATH) : onPath('ffprobe') || existsSync(packaged)
  if (ffmpeg && ffprobe) return
  if (env.FFMPEG_PATH && !ffmpeg) giveUp(`FFMPEG_PATH names ${env.FFMPEG_PATH}, where no file is.`)
  if (env.FFPROBE_PATH && !ffprobe) giveUp(`FFPROBE_PATH names ${env.FFPROBE_PATH}, where no file is.`)
  if (aptInstall(['ffmpeg'])) return
  const type = process.platform === 'darwin' ? 'brew install ffmpeg' : 'sudo apt-get install ffmpeg'
  giveUp(`Sluice needs ffmpeg and ffprobe. Type: ${type}`)
}

/** What cannot be had is no failure here: scripts/test.ts names it as not run. */
function findTestServers() {
  const packages = []
  if (!env.REDIS_TEST_URL && !['redis-server', 'valkey-server'].some(onPath)) packages.push('redis-server')
  const ceph = ['radosgw', 'ceph-mon', 'ceph-osd']
  if (!env.S3_TEST_ENDPOINT && !ceph.every(onPath)) packages.push(...ceph, 'ceph-common')
  const browsers = ['chromium', 'chromium-browser', 'google-chrome']
  if (!env.CHROMIUM_PATH && process.platform === 'linux' && !browsers.some(onPath)) packages.push('chromium')
  if (packages.length > 0 && !aptInstall(packages))
    // One that the archive lacks must not keep the others away.
    for (const name of packages) aptInstall([name])
}

installModules()
findFfmpeg()
if (forTests) findTestServers()
