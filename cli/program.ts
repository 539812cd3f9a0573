import { Command } from 'commander'
import { addAdoptCommand } from './adopt/command.ts'
import { addBenchCommand } from './bench/command.ts'
import { addCompletionCommand } from './completion.ts'
import { addDoctorCommand } from './doctor/command.ts'
import { linesForTerminal } from './for-terminal.ts'
import { addIngestCommand } from './ingest/command.ts'
import { addKeysCommands } from './keys-commands.ts'
import { dataOption } from './options.ts'
import { addReprocessCommand } from './reprocess/command.ts'
import { addServiceCommands } from './service-commands.ts'
import { addStatusCommand } from './status/command.ts'
import { addGcCommand } from './upkeep/gc-command.ts'
import { addRequeueCommand } from './upkeep/requeue-command.ts'

/** Every command with its options and its help; what does the work is loaded only when it is called. */
export function buildProgram(): Command {
  const program = new Command('sluice')
    .description('Bytes or an address in, playable media out.')
    .exitOverride()
    .configureOutput({ writeErr: (text) => process.stderr.write(linesForTerminal(text)) })
    .configureHelp({ helpWidth: 100 })
  addServiceCommands(program)
  addIngestCommand(program)
  addAdoptCommand(program)
  addStatusCommand(program)
  addDoctorCommand(program)
  addBenchCommand(program)
  addReprocessCommand(program)
  addRequeueCommand(program)
  addGcCommand(program)
  addKeysCommands(program, dataOption)
  addCompletionCommand(program)
  return program
}
