import { type Mutation, testOf } from './mutation.ts'
import { type Run, runTests } from './run-tests.ts'
import type { SourceCopy } from './source-copy.ts'

/** `red` is what must come of it. `green`: the defence is proven by nothing. `broken`: nothing is known, and why. */
export type Verdict = 'red' | 'green' | `broken: ${string}`
export type Tried = { mutation: Mutation; verdict: Verdict; ms: number }

/** More than any test file takes; a mutant that never ends is no proof. */
const limitMs = 240_000

/** Tries mutations of one test file, one after the other, after having seen that their tests are green without them. */
export async function tryMutations(options: {
  copy: SourceCopy
  file: string
  mutations: readonly Mutation[]
  onTried(tried: Tried): void
  signal?: AbortSignal
}): Promise<void> {
  const { copy, file, mutations, onTried, signal } = options
  const titles = [...new Set(mutations.map((one) => testOf(one).title))]
  const before = await runTests({ root: copy.root, file, titles, limitMs })
  for (const mutation of mutations) {
    if (signal?.aborted) return
    const { title } = testOf(mutation)
    const began = performance.now()
    const run = () => runTests({ root: copy.root, file, titles: [title], limitMs })
    const verdict =
      before.endOf(title) === 'passed'
        ? verdictOf(await copy.mutated(mutation, run), title)
        : brokenBy(before, 'the test is not green to begin with')
    if (signal?.aborted) return
    onTried({ mutation, verdict, ms: performance.now() - began })
  }
}

function verdictOf(run: Run, title: string): Verdict {
  const ended = run.endOf(title)
  if (ended === undefined) return brokenBy(run, 'the test did not run')
  return ended === 'failed' ? 'red' : 'green'
}

const brokenBy = ({ said }: Run, why: string): Verdict => `broken: ${why}\n${said.trim().slice(-1_500)}`
