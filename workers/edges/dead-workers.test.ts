import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import { expect, it } from 'vitest'
import { tempFolder } from '../../test/setup/temp-folder.ts'
import { clearDeadScratch } from './dead-workers.ts'

// Above every pid that Linux gives.
const deadPid = 4_194_305

it.runIf(existsSync('/proc/self/cwd'))(
  'what dead workers left is removed, and a child that still works there ends first',
  async () => {
    const shared = await tempFolder()
    const [dead, alive, own] = [deadPid, 1, process.pid].map((pid) => `${shared}/worker-${hostname()}-${pid}-abc`)
    for (const folder of [dead, alive, own]) await mkdir(`${folder}/task-1`, { recursive: true })
    const orphan = spawn('sleep', ['600'], { cwd: `${dead}/task-1`, detached: true, stdio: 'ignore' })
    const other = spawn('sleep', ['600'], { cwd: `${alive}/task-1`, detached: true, stdio: 'ignore' })
    await Promise.all([once(orphan, 'spawn'), once(other, 'spawn')])
    const ended = once(orphan, 'exit')
    expect(await clearDeadScratch({ shared, own: own ?? '' })).toBe(1)
    expect(await ended).toEqual([null, 'SIGKILL'])
    expect(await readdir(shared)).toHaveLength(2)
    expect(other.exitCode ?? other.signalCode).toBeNull()
    other.kill('SIGKILL')
    await once(other, 'exit')
  },
)
