import type { Mutation } from '../mutation.ts'

const tidy = 'workers/upkeep/tidy-assets.test.ts'
const uncounted = 'test/no-fault-of-tasks.test.ts'
const hangs = 'ends what hangs when its grace time is over; twice, it ends soon'
const deaf = 'hands back also what does not hear that it should end, and lets it write nothing any more'

/** What comes back after a death, and what must not: C5 to C10, C14, C18 to C20, C24, C26, C29 to C31. */
export const recoveryMutations: Mutation[] = [
  {
    without: 'the fence at the end of a run',
    file: 'core/db/task-run.ts',
    find: "...change })\n    .where('id', '=', fence.id)\n    .where('attempt', '=', fence.attempt)",
    replace: "...change })\n    .where('id', '=', fence.id)",
    proof:
      'test/task-protocol.test.ts › keeps out a run that was overtaken: its result, its rows and its tasks do not count',
  },
  {
    without: 'the look at whether the queue gives a job out again because its worker died',
    file: 'workers/process-job.ts',
    find: ' && job.stalledCounter === 0',
    replace: '',
    proof: 'test/poison.test.ts › is not brought back by a job of the queue whose worker died',
  },
  {
    without: 'leaving tasks of unknown kinds to others',
    file: 'core/db/task-run.ts',
    find: '.where(ofKnownKind)',
    replace: '',
    proof: 'test/rolling.test.ts › stays with the queue for others, and burns no attempt',
  },
  {
    without: 'the refusal of a schema that is too new',
    file: 'core/db/schema-needs.ts',
    find: 'needs.least <= newest',
    replace: 'needs.least <= 99_999',
    proof: 'test/rolling.test.ts › that took something away is refused, with what to do',
  },
  {
    without: 'handing back what does not hear that it should end',
    file: 'workers/run-task.ts',
    find: 'await unlessLeft(performing, leaving)',
    replace: 'await performing',
    proof: `test/shutdown.test.ts › ${deaf}`,
  },
  {
    without: 'the end of a lease with its run',
    file: 'workers/lease.ts',
    find: "lose('its run has ended')",
    replace: '',
    proof: `test/shutdown.test.ts › ${deaf}`,
  },
  {
    without: 'the end of the grace time',
    file: 'core/run-service.ts',
    find: 'setTimeout(leave, ms).unref()',
    replace: 'void leave',
    proof: `test/shutdown.test.ts › ${hangs}`,
  },
  {
    without: 'the look at whether the scratch folder is still there',
    file: 'workers/settle-run.ts',
    find: '(await isThere(scratch))',
    replace: 'true',
    proof: `${uncounted} › whose scratch folder vanished in the middle: it runs again in a new one`,
  },
  {
    without: 'the look at whether there is a scratch folder at all',
    file: 'workers/settle-run.ts',
    find: '(await isThere(scratch))',
    replace: 'true',
    proof: `${uncounted} › whose worker can make no scratch folder`,
  },
  {
    without: 'giving up a connection to Redis on which nothing is heard',
    file: 'queues/connect.ts',
    find: ', socketTimeout: silenceMs',
    replace: '',
    proof: 'test/forgotten.suite.ts › goes on when the network forgets its connections without a word',
    in: 'test/forgotten.redis.test.ts',
  },
  {
    without: 'giving up a connection of the queue to Postgres on which nothing is heard',
    file: 'queues/connect.ts',
    find: 'query_timeout: silenceMs,',
    replace: '',
    proof: 'test/forgotten.suite.ts › goes on when the network forgets its connections without a word',
  },
  {
    without: 'letting go of a connection to the database that did not answer',
    file: 'core/db/lent-connections.ts',
    find: 'client.release(unanswered !== undefined)',
    replace: 'client.release()',
    proof:
      'test/forgotten.test.ts › a connection to the database that the network has forgotten fails whoever meets it, once, and nobody after',
  },
  {
    without: 'a new connection for locks when the old one does not answer',
    file: 'core/db/locks.ts',
    find: 'over.abort(error)\n    client.end().catch(() => undefined)\n    throw error',
    replace: 'throw error',
    proof: 'test/forgotten.test.ts › locks are held by a new connection when the network forgot the old one',
  },
  {
    without: 'taking back a crash once the next run has begun',
    file: 'core/db/task-run.ts',
    find: ".where('attempt', '>=', fence.attempt)",
    replace: ".where('attempt', '=', fence.attempt)",
    proof: `${uncounted} › whose run was taken for dead and lives, also when the next has begun`,
  },
  {
    without: "Postgres's time in the fate of a task",
    file: 'workers/settle-run.ts',
    find: 'const now = clock()',
    replace: 'const now = Date.now()',
    proof: `${uncounted} › cuts nobody’s patience short, its own nor that of the next`,
  },
  {
    without: 'the question whether a commit whose answer was lost came through',
    file: 'workers/run-task.ts',
    find: '(await wasFinished(house.db, claimed.task))',
    replace: 'false',
    proof: `${uncounted} › that loses the answer to a COMMIT is asked what it did: what followed is there once`,
  },
  {
    without: 'the removal of former generations',
    file: 'workers/upkeep/garbage.ts',
    find: 'return generation <= asset.target_generation',
    replace: 'return false',
    proof: `${tidy} › former generations with their rows, segments of runs that were overtaken, sources of other tries`,
  },
  {
    without: 'the last look after a deletion',
    file: 'workers/upkeep/tidy-assets.ts',
    find: 'return storage.deletePrefix(assetPrefix(asset))',
    replace: 'return 0',
    proof: `${tidy} › whatever came after a deletion`,
  },
  {
    without: 'the refusal to revive what was tidied away',
    file: 'core/db/task-recovery.ts',
    find: '.where(sql<boolean>`(tidied_at IS NULL OR tidied_at < updated_at)`)',
    replace: '',
    proof: `${tidy} › and not before: until then it can be gone on with, and afterwards it cannot`,
  },
  {
    without: 'coming again to what could not be tidied',
    file: 'core/db/tidying.ts',
    find: " + interval '1 second'",
    replace: '',
    proof: `${tidy} › storage that is away while it is tidied is tidied when it is back`,
  },
  {
    without: 'going through all unfinished assets, page by page',
    file: 'workers/upkeep/find-stuck.ts',
    find: 'from = next',
    replace: '',
    proof:
      'workers/upkeep/find-stuck.test.ts › is not one with work to do, nor one that ended, and is found past any number of them',
  },
  {
    without: 'the promise to take back what a form has stored',
    file: 'api/routes/asset-from-form.ts',
    find: 'await promiseToTakeBack(house.db, { id, tenant })',
    replace: '',
    proof:
      'test/form-strays.test.ts › bytes of a form whose API died before there was an asset are taken back; those of an asset are not',
  },
  {
    without: 'hanging up on a Postgres that does not answer who listens',
    file: 'queues/hang-up-unanswered.ts',
    find: 'isUnanswered(error) && wireOf(client).destroy()',
    replace: 'undefined',
    proof:
      'test/forgotten.test.ts › whoever listens for jobs hears that its connection is gone as soon as a question on it was not answered',
  },
]
