import { execFileSync } from 'node:child_process'

/** Whether bash can read it to its end. */
export function parses(script: string): boolean {
  try {
    execFileSync('bash', ['-n'], { input: script, stdio: ['pipe', 'ignore', 'ignore'] })
    return true
  } catch {
    return false
  }
}

/** A block of shell, taken apart into what bash would run one after the other; remarks have no command of their own. */
export function shellCommands(block: string): string[] {
  const commands: string[] = []
  let open = ''
  for (const line of block.split('\n')) {
    if (open === '' && (line === '' || line.startsWith('#'))) continue
    open += `${line}\n`
    if (line.endsWith('\\') || !parses(open)) continue
    commands.push(open.trimEnd())
    open = ''
  }
  if (open !== '') throw new Error(`bash cannot read this: ${open}`)
  return commands
}
