import { mkdir, readdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import { expect, it } from 'vitest'
import { tempFolder } from '../../test/setup/temp-folder.ts'
import { openScratch } from './scratch.ts'

it('what dead workers of this host left behind is removed; what belongs to the living, or to other hosts, stays', async () => {
  const shared = await tempFolder()
  // Pid 1 always runs; 4194305 is above every pid that Linux gives.
  const kept = [`worker-${hostname()}-1-abc`, 'worker-elsewhere-4194305-abc', 'notes']
  const removed = [`worker-${hostname()}-4194305-abc`, `worker-${hostname()}-${process.pid}-abc`]
  for (const name of [...kept, ...removed]) await mkdir(`${shared}/${name}/task-1`, { recursive: true })
  const scratch = await openScratch(shared)
  expect((await readdir(shared)).sort()).toEqual([...kept, scratch.dir.slice(shared.length + 1)].sort())
  // The one of pid 1, and this one.
  expect(await scratch.workers()).toBe(2)
  await scratch.close()
  expect((await readdir(shared)).sort()).toEqual(kept.sort())
})
