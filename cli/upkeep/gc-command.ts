import type { Command } from 'commander'
import { dataOption, jsonOption, positive } from '../options.ts'

const examples = `
Workers do this by themselves; this is for looking, and for not waiting.

Examples:
  sluice gc                what would go, counted
  sluice gc --yes          remove it now, as far as its time is over
  sluice gc --yes --all    without waiting out GARBAGE_AFTER: former addresses end at once

Exit code 1 when something could not be removed.`

/** `sluice gc`. */
export function addGcCommand(program: Command): void {
  program
    .command('gc')
    .description('Show, or remove, what nobody refers to any more')
    .option('--yes', 'remove it')
    .option('--all', 'also what ended a moment ago')
    .option('--limit <number>', 'look at no more than so many assets', positive, 10_000)
    .option(...dataOption)
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action(async (options) => {
      const { gc } = await import('./gc.ts')
      process.exitCode = await gc(options)
    })
}
