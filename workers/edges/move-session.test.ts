import { expect, test, vi } from 'vitest'
import { moveSession } from './move-session.ts'

const refusal = (code: string) => Object.assign(new Error(code), { code })
const child = { pid: 7, nice: 17, againMs: 1, isGone: () => false }

test('a session that could not be moved, because another was a moment ago, is moved soon after', async () => {
  const write = vi.fn(async () => undefined)
  write.mockRejectedValueOnce(refusal('EAGAIN')).mockRejectedValueOnce(refusal('EAGAIN'))
  await moveSession({ ...child, write })
  expect(write.mock.calls).toEqual(Array.from({ length: 3 }, () => ['/proc/7/autogroup', '17']))
})

test('where nobody may move one, or there are none, it is asked once', async () => {
  const write = vi.fn(() => Promise.reject(refusal('EACCES')))
  await moveSession({ ...child, write })
  expect(write).toHaveBeenCalledTimes(1)
})

test('the number of a child that is gone may be somebody else’s, and is not asked again', async () => {
  let gone = false
  const write = vi.fn(() => {
    gone = true
    return Promise.reject(refusal('EAGAIN'))
  })
  await moveSession({ ...child, write, isGone: () => gone })
  expect(write).toHaveBeenCalledTimes(1)
})
