import type { Mutation } from '../mutation.ts'

const canary =
  'test/reprocess-batch.test.ts › begins none but its canary before that has ended, whoever runs it, and ends for all who do when one finds that too many fail'
const passes = 'test/reprocess-batch.test.ts › sits out what passes, and says how to go on after what nobody foresaw'
const replaced =
  'test/reprocess.test.ts › media that lies elsewhere, replaced since, is told of as it is served until the new one is, and when that comes to nothing'
const cancelled =
  'test/client.test.ts › that are cancelled at once send nothing, end what they went on with, and need nobody to hear of it'

/** Assets made anew, one or many, and uploads that are given up. */
export const batchMutations: Mutation[] = [
  {
    without: 'the canary of a batch that is gone on with',
    file: 'cli/reprocess/reprocess.ts',
    find: '...wishesSchema.parse(batch.wishes), ...wishesOf(options)',
    replace: '...wishesSchema.parse(batch.wishes), canary: 0, ...wishesOf(options)',
    proof: canary,
  },
  {
    without: 'the canary’s end where somebody has looked',
    file: 'core/db/batches.ts',
    find: '{ ...before.wishes, canary: 0 }',
    replace: 'before.wishes',
    proof: canary,
  },
  {
    without: 'the end of a batch for whoever else runs it',
    file: 'cli/reprocess/rounds.ts',
    find: "if (batch?.status !== 'open') return",
    replace: "if (batch === undefined) return 'failing'; if (false) return",
    proof: canary,
  },
  {
    without: 'a last look before a batch is done',
    file: 'core/db/batches.ts',
    find: '({ not, exists }) => not(exists(left))',
    replace: '({ lit }) => lit(true)',
    proof: canary,
  },
  {
    without: 'the patience of a batch',
    file: 'cli/reprocess/run-batch.ts',
    find: 'if (error === undefined) throw thrown',
    replace: 'throw thrown',
    proof: passes,
  },
  {
    without: 'the command that goes on after an error',
    file: 'cli/reprocess/reprocess.ts',
    find: 'out.broken(id, thrown)',
    replace: '',
    proof: passes,
  },
  {
    without: 'what was said of what is served, after a failure',
    file: 'core/db/assets.ts',
    find: '...swapFacts(),',
    replace: '',
    proof: replaced,
  },
  {
    without: 'what is said of what is made, after a retry',
    file: 'core/db/task-recovery.ts',
    find: '...swapFacts(),',
    replace: '',
    proof: replaced,
  },
  {
    without: 'what is said of what is served, while another is made',
    file: 'core/asset-view.ts',
    find: "return asset.status === 'ready' || asset.other_facts === null ?",
    replace: 'return true ?',
    proof: replaced,
  },
  {
    without: 'an upload that is cancelled before its key is there',
    file: 'client/upload.ts',
    find: "if (isCancelled() && request.getMethod() !== 'DELETE')",
    replace: 'if (false)',
    proof: cancelled,
  },
  {
    without: 'an upload that fails, and nobody looks',
    file: 'client/upload.ts',
    find: 'settled.catch(() => undefined)',
    replace: '',
    proof: cancelled,
  },
  {
    without: 'the end of an upload that was to be gone on with',
    file: 'client/upload.ts',
    find: 'await begun\n',
    replace: '\n',
    proof: cancelled,
  },
  {
    without: 'another key for what is over and made anew',
    file: 'client/creation-key.ts',
    find: '(status === 404 || status === 410)',
    replace: 'false',
    proof: 'test/client.test.ts › that were given up by somebody else meanwhile are made anew, whole, as another asset',
  },
  {
    without: 'one key for as long as nobody says that it is over',
    file: 'client/creation-key.ts',
    find: '(status === 404 || status === 410)',
    replace: 'status >= 400',
    proof: 'test/client.test.ts › are one asset though a server had no answer as it was asked how far they are',
  },
]
