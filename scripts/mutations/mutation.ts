import type { Proof } from '../docs/threats/threat.ts'

/** One defence taken away: a text of one of our files that becomes another, and the test that must turn red by it. */
export type Mutation = {
  /** What is missing then, in words. */
  without: string
  file: string
  /** Occurs exactly once in the file. As short as it can be, so that other changes leave it alone. */
  find: string
  replace: string
  /** The named test. One of a suite runs in the `.test.ts` of the same name beside it, unless `in` names another. */
  proof: Proof
  in?: `${string}.test.ts`
}

/** The file that vitest is given, the one that the test is written in, and its title there. */
export function testOf({ proof, in: within }: Mutation): { file: string; written: string; title: string } {
  const [written = '', title = ''] = proof.split(' › ', 2)
  return { file: within ?? written.replace(/\.suite\.ts$/, '.test.ts'), written, title }
}
