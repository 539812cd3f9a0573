import { expect, test } from 'vitest'
import { taskKinds } from '../../core/task-kinds.ts'
import { taskWords } from './job-words.ts'

test('pieces are counted as people count, and a task that publishes says after what', () => {
  expect(taskWords('encode:2', 12)).toBe('chunk 3 of 12')
  expect(taskWords('publish:encode:11', 12)).toBe('publish after: chunk 12 of 12')
  expect(taskWords('publish:stills', undefined)).toBe('publish after: make thumbnails')
})

test('every kind of task has words, and one of a newer version its key', () => {
  const named = Object.keys(taskKinds).map((kind) => taskWords(kind === 'encode' ? 'encode:0' : `${kind}:0`, 1))
  expect(named.filter((words) => /:\d/.test(words))).toEqual([])
  expect(taskWords('shine:4', undefined)).toBe('shine:4')
})
