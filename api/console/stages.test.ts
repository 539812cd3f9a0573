import { expect, test } from 'vitest'
import { exampleAsset } from './example-asset.ts'
import { piecesOf, stagesOf } from './stages.js'
import type { Asset, Task } from './types.d.ts'

const task = (key: string, status: Task['status'], progress = 0): Task => ({
  ...{ id: key, key, status, progress, queue: 'video', worker: null, attempts: 1, error: null },
  ...{ createdAt: '2026-01-01T00:00:00.000Z', startedAt: null, finishedAt: null },
})
const shown = (asset: Partial<Asset>, tasks: Task[] = []) =>
  stagesOf({ ...exampleAsset, ...asset }, tasks).map(({ name, state }) => `${name} ${state}`)

test('an upload that comes in is received first, and nothing else has begun', () => {
  expect(shown({ status: 'waiting' })).toEqual([
    'Received running',
    'Inspected waiting',
    'Made waiting',
    'Published waiting',
  ])
})

test('an address is fetched, and what is made of it is known from its tasks', () => {
  const source = { ...exampleAsset.source, type: 'url', url: 'https://example.com/a.mp4' }
  const tasks = [task('fetch', 'done'), task('inspect', 'done'), task('encode:0', 'done'), task('encode:1', 'running')]
  expect(shown({ source, status: 'processing', kind: 'video', playable: true }, tasks)).toEqual([
    'Accepted done',
    'Fetched done',
    'Inspected done',
    'Encoded running',
    'Published running',
  ])
})

test('what failed is where it stopped; what was cancelled goes no further', () => {
  const tasks = [task('inspect', 'failed')]
  expect(shown({ status: 'failed' }, tasks)).toEqual([
    'Received done',
    'Inspected failed',
    'Made waiting',
    'Published waiting',
  ])
  expect(shown({ status: 'cancelled' })).not.toContain('Made failed')
})

test('pieces stand in the order of the film, not of the alphabet, with what is made beside them', () => {
  const tasks = [task('encode:10', 'pending'), task('encode:9', 'running', 0.4), task('stills', 'done')]
  const pieces = piecesOf([...tasks, task('publish:stills', 'done'), task('inspect', 'done')])
  expect(pieces).toEqual([
    { label: 'Chunk 1 of 2', state: 'running', progress: 0.4 },
    { label: 'Chunk 2 of 2', state: 'waiting', progress: 0 },
    { label: 'Thumbnails', state: 'done', progress: 1 },
  ])
})
