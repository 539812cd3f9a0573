import { afterAll, beforeAll, describe } from 'vitest'
import type { Bench } from './contract-bench.ts'
import { growingContract } from './contract-growing.suite.ts'
import { joiningContract } from './contract-joining.suite.ts'
import { keysContract } from './contract-keys.suite.ts'
import { readingContract } from './contract-reading.suite.ts'
import { writingContract } from './contract-writing.suite.ts'

/** Registers every sentence that both drivers keep. */
export function storageContract(name: string, open: () => Promise<Bench>): void {
  describe(`${name} storage`, () => {
    let opened: Bench
    beforeAll(async () => {
      opened = await open()
    })
    afterAll(() => opened.close())
    const bench = () => opened
    writingContract(bench)
    readingContract(bench)
    keysContract(bench)
    growingContract(bench)
    joiningContract(bench)
  })
}
