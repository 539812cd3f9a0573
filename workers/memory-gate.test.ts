import fc from 'fast-check'
import { expect, test } from 'vitest'
import { memoryGate } from './memory-gate.ts'

const open = new AbortController().signal
const settled = () => new Promise((resolve) => setImmediate(resolve))

test('never more than there is, but for one that is larger than all, which runs alone; all get in, in the order they came', async () => {
  const work = fc.array(fc.integer({ min: 1, max: 150 }), { minLength: 1, maxLength: 30 })
  await fc.assert(
    fc.asyncProperty(work, fc.integer({ min: 0, max: 1000 }), async (sizes, seed) => {
      const gate = memoryGate({ capacity: 100 })
      const order: number[] = []
      const inside = new Map<number, () => void>()
      for (const [n, bytes] of sizes.entries()) {
        void gate.enter({ bytes, signal: open }).then((leave) => {
          order.push(n)
          inside.set(n, leave)
        })
      }
      for (let turn = 0; order.length < sizes.length || inside.size > 0; turn++) {
        await settled()
        const sum = [...inside.keys()].reduce((total, n) => total + (sizes[n] ?? 0), 0)
        expect(gate.used).toBe(sum)
        expect(sum <= 100 || inside.size === 1).toBe(true)
        const keys = [...inside.keys()]
        const gone = keys[(seed + turn) % keys.length]
        expect(gone).toBeDefined()
        if (gone === undefined) return
        inside.get(gone)?.()
        inside.delete(gone)
      }
      expect(order).toEqual(sizes.map((_, n) => n))
      expect(gate).toMatchObject({ used: 0, waiting: 0 })
    }),
    { numRuns: 50 },
  )
})

test('large work at the front is not overtaken by small work behind it', async () => {
  const gate = memoryGate({ capacity: 100 })
  const leave = await gate.enter({ bytes: 60, signal: open })
  const seen: string[] = []
  const large = gate.enter({ bytes: 90, signal: open }).then((done) => {
    seen.push('large')
    done()
  })
  const small = gate.enter({ bytes: 10, signal: open }).then(() => seen.push('small'))
  await settled()
  expect(seen).toEqual([])
  leave()
  await Promise.all([large, small])
  expect(seen).toEqual(['large', 'small'])
})

test('who stops waiting makes way for those behind, and takes nothing', async () => {
  const gate = memoryGate({ capacity: 100 })
  await gate.enter({ bytes: 60, signal: open })
  const stop = new AbortController()
  const large = gate.enter({ bytes: 90, signal: stop.signal })
  const small = gate.enter({ bytes: 10, signal: open })
  stop.abort(new Error('cancelled'))
  await expect(large).rejects.toThrow('cancelled')
  await small
  expect(gate).toMatchObject({ used: 70, waiting: 0 })
})

test('giving back twice gives back once, and more room lets in those who wait', async () => {
  const gate = memoryGate({ capacity: 100 })
  const first = await gate.enter({ bytes: 60, signal: open })
  await gate.enter({ bytes: 40, signal: open })
  const third = gate.enter({ bytes: 70, signal: open })
  first()
  first()
  expect(gate).toMatchObject({ used: 40, waiting: 1 })
  gate.resize(110)
  await third
  expect(gate).toMatchObject({ used: 110, waiting: 0 })
})
