import type { Command } from 'commander'
import { dataOption, jsonOption, positive } from '../options.ts'

/** `sluice bench`. */
export function addBenchCommand(program: Command): void {
  program
    .command('bench')
    .description('Measure this machine for a moment: how fast it encodes, stores and commits')
    .option('--seconds <number>', 'of film to encode', positive, 10)
    .option(...dataOption)
    .option(...jsonOption)
    .addHelpText(
      'after',
      '\nThe benchmarks of the whole house are in the sources: npm run bench.\n\nExample:\n  sluice bench --seconds 30',
    )
    .action(async (options) => {
      const { bench } = await import('./bench.ts')
      await bench(options)
    })
}
