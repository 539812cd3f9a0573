import { rm } from 'node:fs/promises'
import { table } from '../docs/table.ts'
import { type Backend, type Facts, measureSide, type Side } from './backlog/side.ts'
import { median } from './median.ts'
import type { Wishes } from './wishes.ts'

const lengths = [0, 1_000, 10_000, 100_000]
const months = 1_000_000

/** What a long queue costs everybody who is not in it: calls, chores, memory, by how many assets wait. */
export async function benchBacklog(folder: string, { quick, only, stop }: Wishes): Promise<void> {
  for (const backend of ['Redis', 'Postgres'] as const) {
    const sides = sidesOf(backend, quick).filter(({ name }) => new RegExp(only).test(name))
    const facts: Facts[] = []
    for (const side of sides) {
      const own = `${folder}/${backend}-${side.waiting}-${side.finished}`
      const startedAt = performance.now()
      facts.push(await measureSide({ folder: own, side, quick, stop }))
      console.error(`${side.name}: ${((performance.now() - startedAt) / 1000).toFixed(0)} s`)
      await rm(own, { recursive: true })
    }
    if (facts.length > 0) show(backend, facts)
  }
}

function sidesOf(backend: Backend, quick: boolean): Side[] {
  const divisor = quick ? 20 : 1
  const waiting = lengths.map((length) => ({ waiting: length / divisor, finished: 0 }))
  const old = { waiting: (lengths.at(-1) ?? 0) / divisor, finished: months / divisor }
  return [...waiting, old].map((side) => ({ ...side, backend, name: `${backend}: ${title(side)}` }))
}

const title = ({ waiting, finished }: Pick<Side, 'waiting' | 'finished'>) =>
  `${waiting.toLocaleString('en')} waiting${finished > 0 ? `, ${finished.toLocaleString('en')} finished tasks` : ''}`

function show(backend: Backend, facts: Facts[]): void {
  const head = ['', ...facts.map(({ side }) => title(side))]
  const print = (rows: string[][]) => console.log(`${table({ head, rows })}\n`)
  console.log(
    `Queue on ${backend}; calls one after the other, one worker with 48 of its 64 slots for addresses taken by an origin that never answers\n`,
  )
  print([...callRows(facts), ...queueRows(facts)])
  console.log('A worker’s chores and claims: milliseconds, and rows that they looked at\n')
  print(choreRows(facts))
  print(footprintRows(facts))
}

function callRows(facts: Facts[]): string[][] {
  const names = Object.keys(facts[0]?.calls ?? {}) as (keyof Facts['calls'])[]
  return names.flatMap((name) => [
    [`${name}, median`, ...facts.map(({ calls }) => millis(share(calls[name], 0.5)))],
    [`${name}, p99`, ...facts.map(({ calls }) => millis(share(calls[name], 0.99)))],
  ])
}

function queueRows(facts: Facts[]): string[][] {
  const row = (name: string, of: (one: Facts) => string) => [name, ...facts.map(of)]
  return [
    row('from POST to the first byte asked for, p99', ({ fetched }) => millis(share(fetched, 0.99))),
    row('the board, median', ({ board }) => millis(median(board))),
    row('the board, worst', ({ board }) => millis(Math.max(...board))),
    row('a task taken, claimed and finished', ({ taken }) => millis(taken)),
    row('sent by the relay, in a second', ({ sent }) => (sent === undefined ? '' : sent.toFixed(0))),
    row('pause and resume keep the counts', ({ countsKept }) => (countsKept ? 'yes' : 'NO')),
  ]
}

function choreRows(facts: Facts[]): string[][] {
  const names = facts[0]?.chores.map(({ name }) => name) ?? []
  return names.map((name) => [
    name,
    ...facts.map(({ chores }) => {
      const cost = chores.find((one) => one.name === name)
      return cost === undefined
        ? ''
        : `${millis(cost.ms)}, ${cost.rows}${cost.sequential.length > 0 ? ` (all of ${cost.sequential.join(', ')})` : ''}`
    }),
  ])
}

function footprintRows(facts: Facts[]): string[][] {
  const mb = (bytes: number | undefined) => (bytes === undefined ? '' : `${(bytes / 1e6).toFixed(0)} MB`)
  const row = (name: string, of: (one: Facts) => string) => [name, ...facts.map(of)]
  const cpu = (name: keyof Facts['idle']) =>
    row(`${name}, CPU without calls`, ({ idle }) => `${(100 * idle[name]).toFixed(1)} %`)
  return [
    row('API, memory', ({ memory }) => mb(memory.api)),
    row('worker, memory', ({ memory }) => mb(memory.worker)),
    row('Redis, memory', ({ memory }) => mb(memory.redis)),
    cpu('api'),
    cpu('worker'),
    cpu('postgres'),
  ]
}

const millis = (ms: number) => (Number.isNaN(ms) ? '' : `${ms.toFixed(1)} ms`)

function share(values: number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN
}
