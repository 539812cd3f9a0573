import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { codeBlocks, onlyInHelp } from '../scripts/docs/code-blocks.ts'
import { readMarkdown } from '../scripts/docs/markdown.ts'
import { parses, shellCommands } from '../scripts/docs/shell-commands.ts'
import { codeRuns } from './docs/code-runs.ts'
import { isNotRun, notRun } from './docs/not-run.ts'
import { type ReadersMachine, readersMachine, root } from './docs/readers-machine.ts'
import { runCode } from './docs/run-code.ts'
import { runPage } from './docs/run-page.ts'
import type { Seen } from './docs/stand-ins.ts'

const pages = await readMarkdown({ root })
const files = await readdir(join(root, 'docs/examples'))
const fileTexts = await Promise.all(files.map((name) => readFile(join(root, 'docs/examples', name), 'utf8')))
const data = ['json', 'text', 'mermaid']
// What a page shows in whole is run as the file that it is.
const blocks = pages
  .flatMap(codeBlocks)
  .filter(({ language, text }) => !data.includes(language) && !fileTexts.includes(text))
const shell = blocks.filter(({ language }) => language === 'sh')
const code = blocks.filter(({ language }) => language !== 'sh')
const examples = onlyInHelp(pages)

it('no block of a page hides from these tests: each says its language', () => {
  for (const page of pages)
    expect(page.text.match(/^\s*(```|~~~)/gm) ?? [], page.path).toHaveLength(2 * codeBlocks(page).length)
})

describe('what the pages show and these tests do not run', () => {
  it('still stands on a page; commands can at least be read by a shell', () => {
    const commands = [...shell.flatMap(({ text }) => shellCommands(text)), ...examples]
    for (const { begins } of notRun) {
      const meant = commands.filter((command) => command.startsWith(begins))
      for (const command of meant) expect(parses(command), command).toBe(true)
      expect([...meant, ...code.filter(({ text }) => text.startsWith(begins))], begins).not.toEqual([])
    }
  })

  it('has its proof elsewhere, where it says so', async () => {
    const files = notRun.flatMap(({ proof }) => (proof === undefined ? [] : [proof]))
    for (const [file, title] of files) expect(await readFile(join(root, file), 'utf8'), file).toContain(title)
  })

  it('whole files of docs/examples are each run by a test', async () => {
    const tests = (await readdir(join(root, 'test'))).filter(
      (name) => name.endsWith('.test.ts') && !name.startsWith('docs'),
    )
    const texts = (await Promise.all(tests.map((name) => readFile(join(root, 'test', name), 'utf8')))).join('')
    for (const name of files) expect(texts, name).toMatch(new RegExp(`'${name}'|docs/examples/${name}`))
  })
})

describe('what the pages show does what they say', () => {
  let machine: ReadersMachine
  let seen: Seen
  beforeAll(async () => {
    machine = await readersMachine()
    const { origin, house, key } = machine
    const { id } = await house.client.createAsset({ source: { url: `${origin}/cat.jpg` } }, { waitSeconds: 30 })
    seen = { id, key, secret: 'none yet', batch: 'none yet' }
  })

  it.concurrent.each([...Map.groupBy(shell, ({ path }) => path)])('the commands of %s', async (_path, ofPage) => {
    await runPage(ofPage, machine, { ...seen })
  })

  it('no code but what is run here, or has its reason', () => {
    const known = ({ path, text }: { path: string; text: string }) =>
      codeRuns.some((run) => run.path === path && text.startsWith(run.begins)) || isNotRun(text)
    expect(code.filter((block) => !known(block))).toEqual([])
  })

  it.concurrent.each(codeRuns.map((run) => [run.path, run.begins.split('\n').at(-1), run] as const))(
    'the code of %s: %s',
    async (path, _line, run) => {
      const meant = code.filter((block) => block.path === path && block.text.startsWith(run.begins))
      expect(meant).toHaveLength(1)
      for (const block of meant) await runCode(block, run, machine, { ...seen })
    },
  )
})
