import { expect, test } from 'vitest'
import { together } from './together.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('whoever asks while an answer is under way is answered by the next, with all the others, each in its place', async () => {
  const asked: number[][] = []
  const held: PromiseWithResolvers<void>[] = []
  const ask = together<number, string>(async (all) => {
    asked.push(all)
    const hold = Promise.withResolvers<void>()
    held.push(hold)
    await hold.promise
    return all.map((one) => `answer ${one}`)
  })
  const answers = [1, 2, 3].map(ask)
  expect(asked).toEqual([[1]])
  held[0]?.resolve()
  await turn()
  expect(asked).toEqual([[1], [2, 3]])
  held[1]?.resolve()
  expect(await Promise.all(answers)).toEqual(['answer 1', 'answer 2', 'answer 3'])
})

test('what fails is the matter of those who were asked about together; whoever asks next is answered', async () => {
  const ask = together<number, number>(async (all) => {
    await turn()
    if (all.includes(2)) throw new Error('no two')
    return all
  })
  expect(await Promise.allSettled([1, 2, 3].map(ask))).toMatchObject([
    { value: 1 },
    { reason: { message: 'no two' } },
    { reason: { message: 'no two' } },
  ])
  expect(await ask(4)).toBe(4)
})

test('whoever is left without an answer hears so', async () => {
  const ask = together<number, number>(async () => [])
  expect(await ask(1)).toBeUndefined()
})
