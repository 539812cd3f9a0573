import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, vi } from 'vitest'
import type { CodeBlock } from '../../scripts/docs/code-blocks.ts'
import { atEnd } from '../setup/at-end.ts'
import type { CodeRun } from './code-runs.ts'
import { type ReadersMachine, root } from './readers-machine.ts'
import { type Seen, standIns } from './stand-ins.ts'

let files = 0

/** A block of code with what its page leaves to the reader, as a program of its own, until it has said what it should. */
export async function runCode(
  block: CodeBlock,
  { before = '', after = '', film, says }: CodeRun,
  machine: ReadersMachine,
  seen: Seen,
) {
  const python = block.language === 'python'
  const file = join(machine.folder, `block-${++files}.${python ? 'py' : 'ts'}`)
  const whole = `${before}${block.text}${after}\n`
    .replace(/'sluice\/(client|queues)'/g, (_, part) => `'${pathToFileURL(join(root, part, 'index.ts'))}'`)
    .replaceAll('redis://127.0.0.1:6379', machine.house.databaseUrl)
  await writeFile(file, standIns(whole, machine, seen))
  const env = { ...process.env, ...machine.env, PYTHONPATH: join(root, 'docs/examples'), PYTHONDONTWRITEBYTECODE: '1' }
  const child = spawn(python ? 'python3' : process.execPath, [file], {
    cwd: film ? join(machine.folder, 'real') : machine.folder,
    env,
  })
  const closed = once(child, 'close')
  atEnd(async () => {
    child.kill('SIGKILL')
    await closed
  })
  let [output, over] = ['', false]
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data))
  void closed.then(() => {
    over = true
  })
  await vi.waitFor(() => {
    if (!over) expect(output).toMatch(says)
  })
  expect(output, block.text).toMatch(says)
  child.kill('SIGKILL')
}
