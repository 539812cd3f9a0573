import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { mutations } from '../scripts/mutations/all.ts'
import { faultsOf } from '../scripts/mutations/check-rows.ts'
import type { Mutation } from '../scripts/mutations/mutation.ts'
import { copySources } from '../scripts/mutations/source-copy.ts'
import { type Tried, tryMutations } from '../scripts/mutations/try-mutations.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const rows = Object.values(mutations).flat()

describe('the defences that may be taken away', () => {
  it('each stand once in their file, and each have a test that is there', async () => {
    expect(await faultsOf(rows, { root })).toEqual([])
  })

  it('each have a name of their own', () => {
    const names = rows.map(({ without }) => without)
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([])
  })
})

describe('a defence that is taken away', () => {
  it('is seen by its test, and one that nothing proves is found out', { timeout: 120_000 }, async () => {
    const file = 'workers/edges/download-redirect.test.ts'
    const downgrade = rows.find(({ without }) => without === 'the refusal to go from https down to http')
    if (downgrade === undefined) throw new Error('the row is gone')
    const proof: Mutation['proof'] = `${file} › a redirect is read against the address it came from`
    const unproven: Mutation = { ...downgrade, proof }
    const absent: Mutation = { ...downgrade, proof: `${file} › no such test` }
    const tried: Tried[] = []
    await using copy = await copySources(root)
    await tryMutations({ copy, file, mutations: [downgrade, unproven, absent], onTried: (one) => tried.push(one) })
    expect(tried.map(({ verdict }) => verdict.split(':')[0])).toEqual(['red', 'green', 'broken'])
  })
})
