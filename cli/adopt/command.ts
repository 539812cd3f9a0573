import type { Command } from 'commander'
import { assetKinds, priorities, visibilities } from '../../core/asset.ts'
import { dataOption, jsonOption, oneOf, positive, tenantName } from '../options.ts'

const examples = `
Nothing is copied: media stays where it lies, in our own bucket, in one that SOURCE_BUCKETS names, or in a folder
below SOURCE_DIRS. Run again, it goes on where it was stopped: what is an asset already is left out.

Examples:
  sluice adopt s3://films/2025/ --dry-run
  sluice adopt s3://films/2025/ --kind video --tenant acme
  SOURCE_DIRS=/srv/photos sluice adopt /srv/photos --profile rehost`

/** `sluice adopt`. */
export function addAdoptCommand(program: Command): void {
  program
    .command('adopt')
    .description('Take over media that lies in a bucket or folder already, where it lies')
    .argument('<place>', 's3://bucket/prefix, or a folder')
    .option('--kind <kind>', `only what is called like ${assetKinds.join(', ')}`, oneOf(assetKinds, 'kind'))
    .option('--profile <name>', 'by which profile', 'default')
    .option('--tenant <name>', 'on whose behalf', tenantName, 'default')
    .option('--visibility <visibility>', visibilities.join(' or '), oneOf(visibilities, 'visibility'), 'public')
    .option('--priority <priority>', priorities.join(', '), oneOf(priorities, 'priority'), 'low')
    .option('--limit <number>', 'at most so many', positive)
    .option('--dry-run', 'count, and change nothing')
    .option(...dataOption)
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action(async (place, options) => {
      const { adopt } = await import('./adopt.ts')
      process.exitCode = await adopt({ ...options, place })
    })
}
