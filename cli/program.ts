import { Command } from 'commander'
import { linesForTerminal } from './for-terminal.ts'
import { addKeysCommands } from './keys-commands.ts'
import { dataOption } from './options.ts'
import { addReprocessCommand } from './reprocess/command.ts'
import { addServiceCommands } from './service-commands.ts'

/** Every command with its options and its help; what does the work is loaded only when it is called. */
export function buildProgram(): Command {
  const program = new Command('sluice')
    .description('Bytes or an address in, playable media out.')
    .exitOverride()
    .configureOutput({ writeErr: (text) => process.stderr.write(linesForTerminal(text)) })
    .configureHelp({ helpWidth: 100 })
  addServiceCommands(program)
  addReprocessCommand(program)
  addKeysCommands(program, dataOption)
  return program
}
