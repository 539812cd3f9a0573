import type { Command } from 'commander'
import { dataOption, jsonOption } from '../options.ts'

/** `sluice doctor`. */
export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('Check ffmpeg, Postgres, the queue, storage, clock and disk, and say what to do')
    .option(...dataOption)
    .option(...jsonOption)
    .addHelpText(
      'after',
      '\nExit code 1 when something would keep it from working.\n\nExamples:\n  sluice doctor\n  sluice doctor --json',
    )
    .action(async (options) => {
      const { doctor } = await import('./doctor.ts')
      process.exitCode = await doctor(options)
    })
}
