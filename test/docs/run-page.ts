import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, vi } from 'vitest'
import type { CodeBlock } from '../../scripts/docs/code-blocks.ts'
import { shellCommands } from '../../scripts/docs/shell-commands.ts'
import { atEnd } from '../setup/at-end.ts'
import { isNotRun } from './not-run.ts'
import type { ReadersMachine } from './readers-machine.ts'
import { look, type Seen, standIns } from './stand-ins.ts'

/** What goes on until it is stopped: what it says when it has begun, and what it has said when the page is at its end. */
const goesOn = [
  { begins: 'SECRET=whsec_…', begun: /listening on/, said: [/^asset\.created /m, /^asset\.ready /m] },
  { begins: 'sluice worker', begun: /worker takes tasks/, said: [] },
]

/** All commands of a page, from the top to the end, as somebody would who follows it. */
export async function runPage(blocks: CodeBlock[], machine: ReadersMachine, seen: Seen): Promise<void> {
  const ends: (() => Promise<void>)[] = []
  for (const { path, text } of blocks) {
    const commands = shellCommands(text).filter((command) => !isNotRun(command))
    // What sets variables is for one shell; else each command may show what the next one names.
    for (const step of setsVariables(commands) ? [commands.join('\n')] : commands) {
      const going = goesOn.find(({ begins }) => step.startsWith(begins))
      const typed = standIns(step, machine, seen)
      if (going !== undefined) ends.push(await begin(typed, going, machine))
      else look(await run(typed, machine, path), machine, seen)
    }
  }
  for (const end of ends) await end()
}

const setsVariables = (commands: string[]) => commands.some((command) => /^[A-Z]+=(\$\(.*|\S*)$/m.test(command))

function run(typed: string, { folder, env }: ReadersMachine, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd: folder, env: { ...process.env, ...env }, maxBuffer: 2 ** 24 }
    execFile('bash', ['-euo', 'pipefail', '-c', typed], options, (error, out, err) => {
      if (error === null) resolve(out)
      else reject(new Error(`${path} shows what fails:\n${typed}\n${out}${err}`))
    })
  })
}

async function begin(typed: string, { begun, said }: (typeof goesOn)[number], { folder, env }: ReadersMachine) {
  const child = spawn('bash', ['-c', typed], { cwd: folder, env: { ...process.env, ...env } })
  const closed = once(child, 'close')
  atEnd(async () => {
    child.kill('SIGKILL')
    await closed
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data))
  await vi.waitFor(() => expect(output).toMatch(begun))
  return async () => {
    await vi.waitFor(() => {
      for (const one of said) expect(output).toMatch(one)
    })
    child.kill('SIGTERM')
    await closed
  }
}
