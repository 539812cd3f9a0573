import { execFileSync } from 'node:child_process'
import { readFile, symlink } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { tempFolder } from '../../test/setup/temp-folder.ts'
import { findExecutable } from './executables.ts'
import { defaultLimits } from './limits.ts'
import { runChild } from './process.ts'
import { findSandbox, missingFrom } from './sandbox.ts'
import { findTools } from './tools.ts'
import { walled } from './walls.ts'

test('the tools of this machine are found, with their version and a sandbox that works', async () => {
  const tools = await findTools({})
  expect(tools.version).toMatch(/\d/)
  const program = [tools.ffprobe, '-version']
  const argv = await walled({ sandbox: tools.sandbox, limits: defaultLimits, program, cwd: '/' })
  const { ended } = await runChild({ argv, cwd: '/', wallMs: 20_000 })
  expect(ended.code).toBe(0)
})

test('a wrong path is named, with what to do', async () => {
  await expect(findTools({ ffmpegPath: '/nowhere/ffmpeg' })).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('FFMPEG_PATH is /nowhere/ffmpeg'),
  })
})

test('inside the sandbox a child gets no more memory than it may have', async () => {
  const { sandbox } = await findTools({})
  if (!sandbox.includes('--as=')) return
  const greedy = ['/bin/dd', 'if=/dev/zero', 'of=/dev/null', 'bs=256M', 'count=1']
  const run = (memoryBytes: number) =>
    walled({ sandbox, limits: { ...defaultLimits, memoryBytes }, program: greedy, cwd: '/' }).then((argv) =>
      runChild({ argv, cwd: '/', wallMs: 20_000 }),
    )
  expect((await run(defaultLimits.memoryBytes)).ended.code).toBe(0)
  expect((await run(128 * 2 ** 20)).ended.code).not.toBe(0)
})

test('what a machine cannot put around a child is left out, and named', async () => {
  const folder = await tempFolder()
  const nice = await findExecutable({ name: 'nice', folders: ['/usr/bin', '/bin'] })
  if (nice === undefined) return
  await symlink(nice, `${folder}/nice`)
  const prefix = await findSandbox({ folders: [folder], binary: '/bin/true' })
  expect(prefix.slice(0, 2)).toEqual([`${folder}/nice`, '-n'])
  expect(missingFrom(prefix)).toEqual([
    ...['no network', 'no file of others', 'limits on memory, time and files', 'an end with its worker'],
  ])
})

test('a child does not outlive the process that started it', async () => {
  const { sandbox } = await findTools({})
  if (missingFrom(sandbox).includes('an end with its worker')) return
  const argv = await walled({ sandbox, limits: defaultLimits, program: ['/bin/sleep', '600'], cwd: '/' })
  const script = `const c = require('child_process').spawn(${JSON.stringify(argv[0])}, ${JSON.stringify(argv.slice(1))}, { detached: true, stdio: 'ignore' })
    const fs = require('fs'), read = (...path) => fs.readFileSync('/proc/' + path.join('/'), 'utf8')
    const sleeper = (pid) => read(pid, 'comm') === 'sleep\\n' ? pid : read(pid, 'task', pid, 'children').split(' ').filter(Boolean).map(sleeper).find(Boolean)
    const t = setInterval(() => { const pid = sleeper(c.pid); if (pid) { clearInterval(t); console.log(pid); process.kill(process.pid, 'SIGKILL') } }, 5)`
  let output = ''
  try {
    execFileSync(process.execPath, ['-e', script], { timeout: 60_000 })
  } catch (error) {
    if (error instanceof Error && 'stdout' in error) output = String(error.stdout)
  }
  const pid = Number(output.trim())
  expect(pid).toBeGreaterThan(0)
  await expect.poll(() => stateOf(pid)).toMatch(/gone|Z/)
})

const stateOf = (pid: number) =>
  readFile(`/proc/${pid}/stat`, 'utf8').then(
    (stat) => stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3),
    () => 'gone',
  )
