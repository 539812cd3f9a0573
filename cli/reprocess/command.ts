import type { Command } from 'commander'
import { assetKinds, assetStatuses } from '../../core/asset.ts'
import {
  anId,
  dataOption,
  jsonOption,
  moment,
  oneOf,
  percent,
  perMinute,
  positive,
  tenantName,
  wholeNumber,
} from '../options.ts'

const examples = `
Counts first, then begins one after the other, after all that somebody waits for. What was ready is served
until its new generation is. Ctrl-C stops it; what was begun ends by itself, and --resume goes on.

Examples:
  sluice reprocess --dry-run                              how many, how long, how much storage
  sluice reprocess --kind video --older-pipeline          what an older version of the pipeline made
  sluice reprocess --status failed --created-after 2026-01-01
  sluice reprocess --profile web --to-profile uhd         all of one profile, by another
  sluice reprocess --canary 20 --max-failures 1           a sample first, and stop at more than 1 %
  sluice reprocess --rate 30/min --concurrency 2          gently
  sluice reprocess --ids ids.txt --json                   those in a file; progress as NDJSON
  sluice reprocess --resume BATCH
  sluice reprocess --resume BATCH --dry-run               how far it is, and how much is left`

/** `sluice reprocess`. */
export function addReprocessCommand(program: Command): void {
  program
    .command('reprocess')
    .description('Make assets anew from their originals, one or all, below live traffic')
    .option('--kind <kind>', `only ${assetKinds.join(', ')}`, oneOf(assetKinds, 'kind'))
    .option('--status <status>', 'only in this state (default: ready and failed)', oneOf(assetStatuses, 'status'))
    .option('--profile <name>', 'only those of this profile')
    .option('--tenant <name>', 'only those of this tenant', tenantName)
    .option('--created-before <date>', 'only older ones', moment)
    .option('--created-after <date>', 'only newer ones', moment)
    .option('--external-id <id>', 'the one that you call so')
    .option('--ids <file>', 'those whose ids are in this file, - for standard input')
    .option('--older-pipeline', 'those that an older version of the pipeline made')
    .option('--limit <number>', 'at most so many, the newest', positive)
    .option('--to-profile <name>', 'make them by this profile (default: each by its own)')
    .option('--concurrency <number>', 'so many at once (default: two for each worker)', positive)
    .option('--rate <rate>', 'begin at most so many, like 30/min', perMinute)
    .option('--canary <number>', 'try so many first, chosen by chance; the others if those end well', wholeNumber)
    .option('--max-failures <percent>', 'stop when more fail (default: 10)', percent)
    .option('--dry-run', 'count and estimate, and change nothing')
    .option('--resume <batch>', 'go on with a batch that was stopped', anId)
    .option('--retry', 'with --resume: try those that failed once more')
    .option(...dataOption)
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action(async (options) => {
      const { reprocess } = await import('./reprocess.ts')
      process.exitCode = await reprocess(options)
    })
}
