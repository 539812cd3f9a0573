import fc from 'fast-check'
import { expect, it } from 'vitest'
import { kindOf, queueNames, queuePriority, restAfterFailure, taskKinds } from './task-kinds.ts'

it('every kind runs on a queue that exists, and BullMQ takes every priority', () => {
  for (const kind of Object.values(taskKinds)) expect(queueNames).toContain(kind.queue)
  fc.assert(
    fc.property(fc.constantFrom('high', 'normal', 'low'), fc.nat(), (priority, piece) => {
      const number = queuePriority({ priority, piece })
      expect(number).toBeGreaterThan(0)
      expect(number).toBeLessThan(2 ** 21)
    }),
  )
})

it('the first piece of every asset comes before the second of any, and a higher priority before both', () => {
  expect(queuePriority({ priority: 'normal', piece: 0 })).toBeLessThan(queuePriority({ priority: 'normal', piece: 1 }))
  expect(queuePriority({ priority: 'high', piece: 9_999 })).toBeLessThan(
    queuePriority({ priority: 'normal', piece: 0 }),
  )
  expect(queuePriority({ priority: 'normal', piece: 9_999 })).toBeLessThan(queuePriority({ priority: 'low', piece: 0 }))
})

it('a task’s key says its kind, and inherited names are no kinds', () => {
  expect(kindOf('encode:12')).toBe('encode')
  expect(kindOf('publish:encode:12')).toBe('publish')
  expect(kindOf('constructor')).toBeUndefined()
  expect(kindOf('')).toBeUndefined()
})

it('rests grow with the failures, never past a minute, and spread out', () => {
  for (let failures = 1; failures < 30; failures++) {
    const [least, most] = [restAfterFailure(failures, 0), restAfterFailure(failures, 1)]
    expect(least).toBeGreaterThan(0)
    expect(most).toBeGreaterThan(least)
    expect(most).toBeLessThanOrEqual(60_000)
  }
  expect(restAfterFailure(1, 1)).toBeLessThan(restAfterFailure(4, 1))
})
