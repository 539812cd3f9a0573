import type { Command } from 'commander'
import { buildProgram } from '../../cli/program.ts'

/** Each command's own help, as it prints it, under a heading of its own. */
export function cliHelp(): string {
  const commands = buildProgram().commands.flatMap((command) =>
    command.commands.length > 0 ? command.commands.map((sub) => ({ sub, under: command.name() })) : [{ sub: command }],
  )
  return commands
    .map(({ sub, ...parent }) => {
      const name = ['sluice', ...('under' in parent ? [parent.under] : []), sub.name()].join(' ')
      return `## ${name}\n\n\`\`\`text\n${helpOf(sub)}\n\`\`\``
    })
    .join('\n\n')
}

function helpOf(command: Command): string {
  let text = ''
  command.configureOutput({
    writeOut: (piece) => {
      text += piece
    },
    getOutHasColors: () => false,
  })
  command.outputHelp()
  return text.trim()
}
