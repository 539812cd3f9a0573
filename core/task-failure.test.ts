import { expect, test } from 'vitest'
import { SluiceError } from './errors.ts'
import { decideFailure } from './task-failure.ts'

const now = Date.UTC(2026, 10, 21, 9)
const after = (ms: number) => new Date(now + ms)
const decide = (options: { until?: Date; retryAfterMs?: number; waitedMs?: number; sameForMs?: number }) => {
  const { waitedMs = 1_000, sameForMs = 0, ...rest } = options
  const error = new SluiceError('source_unavailable', { message: 'it answered 503', ...rest })
  return decideFailure({ error, kind: 'fetch', failures: 0, waitedMs, sameForMs, now })
}

test('what passes is tried again without using up a chance, however often', () => {
  expect(decide({})).toMatchObject({ fate: 'again', counts: false })
  expect(decide({ waitedMs: 590_000, sameForMs: 590_000 })).toMatchObject({ fate: 'again' })
})

test('what met its limits, or broke its decoder, is tried once more and no oftener', () => {
  for (const code of ['resource_limit', 'decoder_crashed'] as const) {
    const error = new SluiceError(code, { message: 'too much' })
    const fates = [0, 1].map((failures) => decideFailure({ error, kind: 'variants', failures, waitedMs: 0 }).fate)
    expect(fates).toEqual(['again', 'failed'])
  }
})

test('where no end is known, patience ends after ten minutes of the same', () => {
  expect(decide({ sameForMs: 600_000 })).toMatchObject({ fate: 'failed', retryable: true })
})

test('where the end is known, it is tried until then, however long that is', () => {
  expect(decide({ until: after(1), sameForMs: 10 * 3_600_000 })).toMatchObject({ fate: 'again', restMs: 1 })
  expect(decide({ until: after(0) })).toMatchObject({ fate: 'failed' })
})

test('no rest, not one that was asked for either, puts the last try off past the end', () => {
  expect(decide({ until: after(5_000), retryAfterMs: 900_000 })).toMatchObject({ fate: 'again', restMs: 5_000 })
  expect(decide({ until: after(5_000), waitedMs: 3_600_000 })).toMatchObject({ restMs: 5_000 })
  expect(decide({ until: after(5_000), retryAfterMs: 700 })).toMatchObject({ restMs: 700 })
})
