import { PassThrough, Readable } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { takeIn } from './intake.ts'

test('whatever chunks a body comes in, its blocks have the wanted size, the last one the rest, and no byte is lost', async () => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 40 }).map(Buffer.from), { maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(
      chunks,
      fc.integer({ min: 1, max: 50 }),
      fc.nat(49),
      fc.boolean(),
      async (body, size, head, late) => {
        const headBytes = head % size
        const intake = takeIn(Readable.from(body), { blockBytes: size, headBytes })
        const blocks: Buffer[] = []
        for await (const block of intake.blocks) {
          if (late) await new Promise(setImmediate)
          blocks.push(Buffer.from(block))
        }
        expect(intake.failure()).toBeUndefined()
        for (const block of blocks.slice(0, -1)) expect(block.length).toBe(size)
        const came = Buffer.concat(blocks.map((block, index) => (index === 0 ? block.subarray(headBytes) : block)))
        expect(came.equals(Buffer.concat(body))).toBe(true)
      },
    ),
    { numRuns: 300 },
  )
})

test('a body is asked for no more than two blocks ahead of whoever stores them', async () => {
  let asked = 0
  const body = new Readable({
    highWaterMark: 1000,
    read() {
      asked += 1000
      this.push(Buffer.alloc(1000))
    },
  })
  const { blocks, stop } = takeIn(body, { blockBytes: 10_000 })
  await blocks.next()
  await new Promise(setImmediate)
  expect(asked).toBeLessThan(23_000)
  stop('enough')
  await blocks.return(undefined)
})

test('a body that trickles is handed out after a rest, though no block is full', async () => {
  const body = new PassThrough()
  const { blocks, stop } = takeIn(body, { blockBytes: 1000, restMs: 5 })
  body.write('a few')
  expect(String((await blocks.next()).value)).toBe('a few')
  body.write('more')
  expect(String((await blocks.next()).value)).toBe('more')
  stop('enough')
  expect((await blocks.next()).done).toBe(true)
})

test('an error that comes when nobody reads any more ends nothing', async () => {
  const body = new PassThrough()
  const intake = takeIn(body, { blockBytes: 1000 })
  intake.stop('enough')
  expect((await intake.blocks.next()).done).toBe(true)
  body.destroy(new Error('late'))
  await new Promise(setImmediate)
  expect(intake.failure()).toEqual({ reason: 'enough' })
})
