import { expect, test } from 'vitest'
import { memoryGate } from './memory-gate.ts'
import { memoryShare, sharing } from './memory-share.ts'

const gib = 2 ** 30

test('workers share seven tenths of the machine, or of what their container may have', () => {
  expect(memoryShare({ total: 10 * gib, constrained: 0, workers: 1 })).toBe(7 * gib)
  expect(memoryShare({ total: 10 * gib, constrained: 2 ** 64, workers: 2 })).toBe(3.5 * gib)
  expect(memoryShare({ total: 64 * gib, constrained: 10 * gib, workers: 1 })).toBe(7 * gib)
  expect(memoryShare({ total: 10 * gib, constrained: 0, workers: 0 })).toBe(7 * gib)
})

test('a worker that dies leaves its share to the others', async () => {
  const { signal } = new AbortController()
  const memory = memoryGate({ capacity: 1 })
  await memory.enter({ bytes: 1, signal })
  const waiting = memory.enter({ bytes: 1024, signal })
  expect(memory.waiting).toBe(1)
  await sharing({ memory, workers: async () => 1 }).run()
  await waiting
})
