import { expect, it } from 'vitest'
import { onlyInHelp } from '../scripts/docs/code-blocks.ts'
import { readMarkdown } from '../scripts/docs/markdown.ts'
import { readersMachine, root } from './docs/readers-machine.ts'
import { runExamples } from './docs/run-examples.ts'

it('every example of the command line does what its help says', async () => {
  const pages = await readMarkdown({ root })
  const examples = onlyInHelp(pages)
  expect(examples.length).toBeGreaterThan(20)
  const machine = await readersMachine()
  const { origin, house, key } = machine
  const { id } = await house.client.createAsset({ source: { url: `${origin}/cat.jpg` } }, { waitSeconds: 30 })
  await runExamples(examples, machine, { id, key, secret: 'none yet', batch: 'none yet' })
})
