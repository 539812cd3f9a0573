import { utimes } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { newCheckKey } from '../../core/storage/check.ts'
import { privateObject } from '../../core/storage/keys.ts'
import { testHouse } from '../../test/setup/house.ts'
import { houseChores } from './chores.ts'

it('what a process left in the store that died while it tried it is deleted after a day, and nothing else', async () => {
  const house = await testHouse()
  const [old, young, media] = [newCheckKey('json'), newCheckKey('json'), 'default/a.json']
  for (const key of [old, young, media]) await house.storage.put(key, Buffer.from('{}'), privateObject)
  const twoDaysAgo = Date.now() / 1_000 - 2 * 86_400
  for (const key of [old, media]) await utimes(String(await house.storage.pathOf(key)), twoDaysAgo, twoDaysAgo)
  const chore = houseChores({ house, sender: house.sender }).find(({ name }) => name === 'half-stored')
  await chore?.run()
  const left = []
  for await (const { key } of house.storage.list('')) left.push(key)
  expect(left.sort()).toEqual([media, young].sort())
})
