import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { Readable } from 'node:stream'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type Child, runChild } from './process.ts'

const sh = (script: string) => ['/bin/sh', '-c', script]
const common = { cwd: '/', wallMs: 20_000 }

/** Those of the processes that still run; the dead that nobody has reaped yet do not. */
function running(pids: number[]): string[] {
  const { stdout } = spawnSync('ps', ['-o', 'pid=,stat=', '-p', pids.join(',')])
  return stdout
    .toString()
    .split('\n')
    .filter((line) => /^\s*\d+ [^Z]/.test(line))
}

test('a child sees nothing of our environment', async () => {
  const { stdout } = await runChild({ ...common, argv: ['/usr/bin/env'], maxOutputBytes: 4096 })
  expect(stdout.toString().trim().split('\n').sort()).toEqual(['LC_ALL=C', 'MALLOC_ARENA_MAX=4'])
})

test('abort ends the whole group, descendants that ignore SIGTERM too, before anything settles', async () => {
  const abort = new AbortController()
  const pids: number[] = []
  const { ended } = await runChild({
    ...common,
    argv: sh(
      `trap '' TERM; /bin/sh -c 'trap "" TERM; echo $$ >&3; while :; do sleep 1; done' & echo $$ >&3; wait; wait`,
    ),
    signal: abort.signal,
    onSide: (text) => {
      pids.push(...text.trim().split('\n').map(Number))
      if (pids.length === 2) abort.abort()
    },
  })
  expect(ended).toMatchObject({ stopped: 'aborted', signal: 'SIGKILL' })
  expect(pids).toHaveLength(2)
  expect(running(pids)).toEqual([])
})

test('a child that was held still can still be ended', async () => {
  let held: Child | undefined
  const { ended } = await runChild({
    ...common,
    argv: sh('echo here >&3; while :; do sleep 0.1; done'),
    onStart: (child) => {
      held = child
    },
    onSide: () => {
      held?.pause()
      held?.stop('stalled')
    },
  })
  expect(ended).toMatchObject({ stopped: 'stalled', signal: 'SIGTERM' })
})

test('a descendant that holds the pipes open does not outlive its leader', async () => {
  const { ended } = await runChild({ ...common, argv: sh('sleep 600 & exit 3') })
  expect(ended).toEqual({ code: 3, signal: null })
})

test('output is bounded, and of errors the end is kept', async () => {
  const { ended } = await runChild({
    ...common,
    argv: sh('while :; do echo xxxxxxxxxxxxxxxx; done'),
    maxOutputBytes: 65_536,
  })
  expect(ended.stopped).toBe('output')
  const noisy = 'i=0; while [ $i -lt 5000 ]; do echo line-$i >&2; i=$((i+1)); done'
  const { stderrTail } = await runChild({ ...common, argv: sh(noisy) })
  expect(stderrTail.length).toBeLessThanOrEqual(8192)
  expect(stderrTail).toMatch(/line-4999$/)
})

test('time has an end', async () => {
  const { ended } = await runChild({ ...common, argv: sh('sleep 600'), wallMs: 50 })
  expect(ended.stopped).toBe('wall')
})

test('time in which it is held still does not count as its time', async () => {
  let held: Child | undefined
  const run = runChild({
    ...common,
    wallMs: 1_500,
    argv: sh('echo here >&3; sleep 0.1; echo done'),
    maxOutputBytes: 100,
    onStart: (child) => {
      held = child
    },
    onSide: () => {
      held?.pause()
      setTimeout(() => held?.resume(), 2_000)
    },
  })
  const { ended, stdout } = await run
  expect(ended).toEqual({ code: 0, signal: null })
  expect(stdout.toString()).toBe('done\n')
})

test('whoever watches it hears once that it is held still, by however many, and once that it goes on; nothing after its end', async () => {
  const heard: boolean[] = []
  let late: Child | undefined
  await runChild({
    ...common,
    argv: sh('echo here'),
    onHeld: (still) => heard.push(still),
    onStart: (child) => {
      late = child
      child.pause()
      child.pause()
      child.resume()
      expect(heard).toEqual([true])
      child.resume()
      child.resume()
    },
  })
  // Its group's number may be somebody else's by now.
  const kill = vi.spyOn(process, 'kill')
  onTestFinished(() => kill.mockRestore())
  late?.pause()
  late?.resume()
  late?.pause()
  expect(kill).not.toHaveBeenCalled()
  expect(heard).toEqual([true, false])
})

test('a program that is not there is said to be unavailable', async () => {
  await expect(runChild({ ...common, argv: ['/nowhere/ffmpeg'] })).rejects.toMatchObject({ code: 'unavailable' })
})

test('an input goes in as the child takes it, and is let go of when the child wants no more or is ended', async () => {
  let taken = 0
  async function* endless() {
    for (;;) {
      taken += 65_536
      yield Buffer.alloc(65_536, 'x')
    }
  }
  const input = Readable.from(endless(), { objectMode: false })
  const { ended, stdout } = await runChild({ ...common, argv: sh('head -c 300000 | wc -c'), input, maxOutputBytes: 99 })
  expect({ code: ended.code, said: stdout.toString().trim() }).toEqual({ code: 0, said: '300000' })
  expect(taken).toBeLessThan(2_000_000)
  await vi.waitFor(() => expect(input.destroyed).toBe(true))

  const silent = new Readable({ read: () => undefined })
  const { ended: stopped } = await runChild({
    ...common,
    argv: sh('cat'),
    input: silent,
    onStart: (child) => child.stop('aborted'),
  })
  expect(stopped.stopped).toBe('aborted')
  await vi.waitFor(() => expect(silent.destroyed).toBe(true))
})

test('out of file descriptors no child is started: the task waits, and its worker lives', async () => {
  const script = `
    import { closeSync, openSync } from 'node:fs'
    import { runChild } from ${JSON.stringify(new URL('process.ts', import.meta.url).href)}
    const taken = []
    try { for (;;) taken.push(openSync('/dev/null')) } catch {}
    const failure = await runChild({ argv: ['/bin/true'], cwd: '/', wallMs: 600_000 }).catch((error) => error)
    for (const fd of taken) closeSync(fd)
    const { ended } = await runChild({ argv: ['/bin/true'], cwd: '/', wallMs: 600_000 })
    console.log(failure.code, failure.fate, failure.cause.code, ended.code)`
  const argv = sh(`ulimit -n 64; exec "$0" --input-type=module -e "$1"`)
  // That it ends by itself shows that no timer is left.
  const { stdout, stderrTail } = await runChild({
    ...{ ...common, maxOutputBytes: 4096 },
    argv: [...argv, process.execPath, script],
  })
  expect(stderrTail).toBe('')
  expect(stdout.toString().trim()).toBe('unavailable later EMFILE 0')
})

test('what nobody waits for stands back on the processor, its whole session', async () => {
  const say = 'sleep 0.3; cat /proc/self/autogroup 2>/dev/null || true'
  const { stdout } = await runChild({ argv: ['sh', '-c', say], cwd: '/', wallMs: 20_000, maxOutputBytes: 100, nice: 7 })
  expect(stdout.toString()).toMatch(existsSync('/proc/self/autogroup') ? /nice 7$/m : /^$/)
})
