import { availableParallelism, tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { runMark } from './test/setup/leftovers.ts'
import { LongestFirst } from './test/setup/longest-first.ts'
import { patienceMs } from './test/setup/patience-ms.ts'
import { runFolder } from './test/setup/run-folder.ts'

const folder = runFolder({ parent: tmpdir(), pid: process.pid })
// Inherited by every process below: what one has compiled, the others need not.
process.env['NODE_COMPILE_CACHE'] = `${folder.tmp}/node-compile-cache`
const parts = ['redis', 's3', 'browser'] as const
/** A viewer watches in real time while the encoder works: both want the processors to themselves, so it comes after all others. */
const alone = 'test/playing.browser.test.ts'
const notOurs = ['**/node_modules/**', '.sluice/**', 'dist/**']
// What others show in less time: the tests of the command line, twenty seeds of faults, the same suites on the other queue, a film that plays while it is made.
// `TESTS=all` runs these too.
const longer = [
  ...['test/survival.test.ts', 'test/survival.redis.test.ts', 'test/whole.redis.test.ts', 'test/seal.test.ts'],
  ...['test/whole.s3.test.ts', 'test/away-processes.s3.test.ts', 'test/behind-videos.test.ts', 'test/growing.test.ts'],
  ...['test/docs-examples.test.ts', 'test/players.browser.test.ts', 'workers/video/encode-memory.test.ts'],
]
const leftOut = process.env['TESTS'] === 'all' ? notOurs : [...notOurs, ...longer]

// As users import them; to them they are built.
const asUsersDo = {
  resolve: {
    alias: ['client', 'queues'].map((part) => ({
      find: `sluice/${part}`,
      replacement: fileURLToPath(new URL(`./${part}/index.ts`, import.meta.url)),
    })),
  },
}

const shared = {
  // For what hangs. No test takes a quarter of it on a quiet machine, and machines are not always quiet.
  testTimeout: 120_000,
  hookTimeout: 120_000,
  expect: { poll: { timeout: patienceMs, interval: 50 } },
  setupFiles: 'test/setup/each-file.ts',
  // Whatever a test starts carries the mark, and whatever it writes without a folder of its own lands in the run's.
  env: { [runMark]: folder.id, TMPDIR: folder.tmp, SLUICE_TEST_CLIPS: folder.clips },
}

export default defineConfig({
  test: {
    globalSetup: 'test/setup/global.ts',
    sequence: { sequencer: LongestFirst },
    // Much of what tests do is waiting for servers and processes: three files at a time, also where there are but two cores.
    maxWorkers: Math.max(3, availableParallelism()),
    projects: [
      {
        ...asUsersDo,
        test: {
          ...shared,
          name: 'base',
          include: ['**/*.test.ts'],
          exclude: [...leftOut, ...parts.map((part) => `**/*.${part}.test.ts`)],
        },
      },
      ...parts.map((part) => ({
        ...asUsersDo,
        test: {
          ...shared,
          name: part,
          include: [`**/*.${part}.test.ts`],
          exclude: [...leftOut, alone],
          globalSetup: `test/setup/${part}.ts`,
        },
      })),
      {
        ...asUsersDo,
        test: {
          ...shared,
          name: 'alone',
          include: [alone],
          globalSetup: 'test/setup/browser.ts',
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
