import type { Command } from 'commander'
import { assetKinds } from '../../core/asset.ts'
import { anId, dataOption, jsonOption, moment, oneOf, positive, tenantName } from '../options.ts'

const examples = `
What was made before it failed is kept where it still lies; else it is made anew as another generation.

Examples:
  sluice requeue --code encoder_failed --dry-run
  sluice requeue --kind video --created-after 2026-01-31
  sluice requeue 01996f3e-7c1a-7d43-9c55-2f1f6f0d7a11`

const ids = (text: string, before: string[] = []) => [...before, anId(text)]

/** `sluice requeue`. */
export function addRequeueCommand(program: Command): void {
  program
    .command('requeue')
    .description('Give failed assets new chances')
    .argument('[assets...]', 'ids; none for all that failed', ids)
    .option('--kind <kind>', `only ${assetKinds.join(', ')}`, oneOf(assetKinds, 'kind'))
    .option('--code <code>', 'only those that failed with this code')
    .option('--tenant <name>', 'only those of this tenant', tenantName)
    .option('--created-before <date>', 'only older ones', moment)
    .option('--created-after <date>', 'only newer ones', moment)
    .option('--limit <number>', 'at most so many, the newest', positive)
    .option('--dry-run', 'count by code, and change nothing')
    .option(...dataOption)
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action(async (assets, options) => {
      const { requeue } = await import('./requeue.ts')
      process.exitCode = await requeue({ ...options, ...(assets?.length > 0 && { ids: assets }) })
    })
}
