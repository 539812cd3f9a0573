import { expect, test } from 'vitest'
import { turnstile } from './turnstile.ts'

test('while as many as may be inside are inside, others are left out; whoever comes out, or fails, makes room', async () => {
  const pass = turnstile({ most: 2 })
  const { promise, resolve } = Promise.withResolvers<string>()
  const first = [pass(() => promise), pass(() => promise)]
  expect(await pass(async () => 'third')).toBeUndefined()
  resolve('done')
  expect(await Promise.all(first)).toEqual(['done', 'done'])
  await expect(pass(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  expect(await Promise.all([pass(async () => 1), pass(async () => 2)])).toEqual([1, 2])
})
