import { expect, it } from 'vitest'
import { assetMoves, assetStatuses, statesBefore } from './asset.ts'

it('every state but the first can be reached, and every end can be left again by reprocessing or a retry', () => {
  for (const status of assetStatuses) if (status !== 'waiting') expect(statesBefore(status), status).not.toEqual([])
  for (const end of ['ready', 'failed', 'cancelled'] as const) expect(assetMoves[end]).toContain('processing')
})

it('nothing becomes ready but what was processed, now or before, and nothing goes back to waiting', () => {
  expect(statesBefore('ready')).toEqual(['queued', 'processing'])
  expect(statesBefore('waiting')).toEqual([])
})
