import { PassThrough, Readable } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { takeIn } from './intake.ts'
import { recycledSpaces } from './spaces.ts'

test('whatever chunks a body comes in, its blocks have the wanted size, the last one the rest, and no byte is lost', async () => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 40 }).map(Buffer.from), { maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(
      chunks,
      fc.integer({ min: 1, max: 50 }),
      fc.nat(49),
      fc.boolean(),
      fc.boolean(),
      async (body, size, head, late, ownsChunks) => {
        const headBytes = head % size
        const chunks = body.map((chunk) => Buffer.from(new Uint8Array(chunk).buffer))
        const spaces = recycledSpaces({ bytes: size, keep: 2 })
        const intake = takeIn(Readable.from(chunks), { blockBytes: size, headBytes, ownsChunks, spaces })
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

test('the memory of chunks that nobody else looks at is given back as they are copied; what is shared stays', async () => {
  const shared = Buffer.from('some of many bytes')
  const chunksOf = () => [new ArrayBuffer(700), new ArrayBuffer(700), new ArrayBuffer(700)].map((it) => Buffer.from(it))
  const [given, kept] = [chunksOf(), chunksOf()]
  const taking = [
    takeIn(Readable.from([...given, shared.subarray(0, 4)]), { blockBytes: 1000, ownsChunks: true }),
    takeIn(Readable.from(kept), { blockBytes: 1000 }),
  ]
  for (const { blocks } of taking) for await (const _block of blocks);
  expect(given.map(({ length }) => length)).toEqual([0, 0, 0])
  expect(kept.map(({ length }) => length)).toEqual([700, 700, 700])
  expect(String(shared)).toBe('some of many bytes')
})

test('of a body whose chunks are given back as they come, no more is taken than it may bring', async () => {
  const body = Readable.from([new ArrayBuffer(700), new ArrayBuffer(700)].map((it) => Buffer.from(it)))
  const intake = takeIn(body, { blockBytes: 500, maxBytes: 1_399, ownsChunks: true })
  let came = 0
  for await (const block of intake.blocks) came += block.length
  expect([came, intake.failure()?.reason]).toMatchObject([1_399, { code: 'too_large' }])
})

test('blocks of bodies that come at the same time never share their memory', async () => {
  const spaces = recycledSpaces({ bytes: 100, keep: 2 })
  const read = async (letter: string) => {
    const body = Readable.from(Array.from({ length: 50 }, () => Buffer.alloc(70, letter)))
    const intake = takeIn(body, { blockBytes: 100, spaces })
    const came: string[] = []
    for await (const block of intake.blocks) {
      await new Promise(setImmediate)
      came.push(String(block))
    }
    return came.join('')
  }
  const letters = [...'abcde']
  expect(await Promise.all(letters.map(read))).toEqual(letters.map((letter) => letter.repeat(3_500)))
})
