import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DueEndpoint } from '../../core/db/delivery-lanes.ts'
import { deliverySlots } from './slots.ts'

/** How often each had a slot, when all always want more and what was begun first ends first. */
function simulate({ endpoints, all, ends }: { endpoints: DueEndpoint[]; all: number; ends: number }): number[] {
  const slots = deliverySlots(all)
  const had = new Map(endpoints.map(({ id }) => [id, 0]))
  const underWay: (() => void)[] = []
  for (let n = 0; n <= ends; n++) {
    for (const endpoint of slots.inTurn(endpoints))
      for (let room = slots.room(endpoint); room > 0; room--) {
        underWay.push(slots.take(endpoint))
        had.set(endpoint.id, (had.get(endpoint.id) ?? 0) + 1)
      }
    underWay.shift()?.()
  }
  return [...had.values()]
}

const state = fc.constantFrom<DueEndpoint['state'][]>('good', 'new', 'bad')
const some = fc
  .array(state, { minLength: 1, maxLength: 12 })
  .map((states) => states.map((kind, n) => ({ id: `endpoint-${n}`, state: kind })))

describe('the slots of a worker', () => {
  it('go round among endpoints that always have something waiting, of whatever kinds they are', () => {
    const property = fc.property(some, fc.integer({ min: 1, max: 20 }), (endpoints, all) => {
      const rounds = 5
      const had = simulate({ endpoints, all, ends: rounds * 8 * endpoints.length * all })
      expect(Math.min(...had)).toBeGreaterThanOrEqual(rounds)
    })
    fc.assert(property, { numRuns: 50 })
  })

  it('are given to the fifth of five that always fail', () => {
    const endpoints = [1, 2, 3, 4, 5].map((n) => ({ id: `endpoint-${n}`, state: 'bad' as const }))
    const had = simulate({ endpoints, all: 16, ends: 500 })
    expect(Math.min(...had)).toBeGreaterThan(80)
  })

  it('are of one endpoint no more than eight, of one that fails two, and of all such half', () => {
    const slots = deliverySlots(16)
    const good = { id: 'good', state: 'good' as const }
    expect(slots.room(good)).toBe(8)
    for (let n = 0; n < 4; n++) {
      const bad = { id: `bad-${n}`, state: 'bad' as const }
      expect(slots.room(bad)).toBe(2)
      slots.take(bad)
      slots.take(bad)
    }
    expect(slots.room({ id: 'one more', state: 'bad' })).toBe(0)
    expect(slots.room(good)).toBe(8)
  })
})
