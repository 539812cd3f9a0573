import { readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hostileFiles } from '../fixtures/hostile/all.ts'
import type { HostileFile } from '../fixtures/hostile/hostile-file.ts'
import { treeCpuSeconds } from '../scripts/bench/process-tree.ts'
import { canaryText, type Ended, hostileHouse } from './hostile/hostile-house.ts'
import { faultsOfPage, hostilePage, type Measured } from './hostile/hostile-page.ts'

const page = new URL('../docs/hostile.md', import.meta.url)
const isWriting = process.env['HOSTILE_PAGE'] === 'write'

// Every other one; HOSTILE=all takes all of them, HOSTILE=avi,B22 those of a threat or with such a name.
const some = isWriting ? ['all'] : process.env['HOSTILE']?.split(',')
const wanted = ({ threat, name }: HostileFile, n: number) =>
  some === undefined ? n % 2 === 0 : some.some((part) => part === 'all' || threat === part || name.includes(part))
const files = hostileFiles.filter(wanted)

/** Files under way at once. */
const lanes = 2
const patienceMs = 2_000
const cpuSeconds = () => treeCpuSeconds(process.pid)
const mostBytes = 600 * 2 ** 20

describe('hostile files', () => {
  let house: Awaited<ReturnType<typeof hostileHouse>>
  const outcomes = new Map(files.map((file) => [file, Promise.withResolvers<Ended>()]))
  let all: Promise<unknown> = Promise.resolve()

  beforeAll(async () => {
    house = await hostileHouse()
    const queue = files.values()
    const lane = async () => {
      for (const file of queue) {
        const ended = house.send(file)
        outcomes.get(file)?.resolve(ended)
        // What went wrong is told by the file's own test.
        await ended.catch(() => undefined)
      }
    }
    all = Promise.all(Array.from({ length: lanes }, lane))
  })
  afterAll(() => all)

  it.for(files)('$threat $name: $what', async (file) => {
    const ended = await outcomes.get(file)?.promise
    expect([file.becomes].flat()).toContain(ended?.became)
    // What a file is to blame for is not tried again.
    expect(ended?.tries.every((attempt) => attempt === 1)).toBe(true)
  })

  it('have a page that says what becomes of each', { timeout: isWriting ? 1_200_000 : 120_000 }, async () => {
    await all
    if (isWriting) {
      const measured = new Map<HostileFile, Measured>()
      for (const [n, file] of files.entries()) {
        const before = cpuSeconds()
        const { peakBytes, ...ended } = await house.measure(file, n)
        measured.set(file, { ...ended, peakBytes, ms: 1_000 * (cpuSeconds() - before) })
      }
      await writeFile(page, hostilePage(measured))
    }
    expect(faultsOfPage({ page: await readFile(page, 'utf8'), files })).toEqual([])
  })

  it('are each looked at within two seconds', async () => {
    await all
    const slow: string[] = []
    for (const [file, outcome] of outcomes) {
      if ((await outcome.promise).ms < patienceMs) continue
      // The machine may have other work: by itself, and on the processor, it shows.
      const before = cpuSeconds()
      await house.send(file)
      const ms = 1_000 * (cpuSeconds() - before)
      if (ms >= patienceMs) slow.push(`${file.name}: ${Math.round(ms)} ms`)
    }
    expect(slow).toEqual([])
  })

  it('take no more memory than any other', async () => {
    await all
    expect(house.mostBytes()).toBeLessThan(mostBytes)
  })

  it('bring nothing of another file into any output, row or line', async () => {
    await all
    expect(await house.everythingWritten()).not.toContain(canaryText)
  })

  it('make nobody connect to anything', async () => {
    await all
    expect(house.connections()).toBe(0)
  })
})
