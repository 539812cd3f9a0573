import type { Command } from 'commander'
import { anId, dataOption, jsonOption } from '../options.ts'

/** `sluice status`. */
export function addStatusCommand(program: Command): void {
  program
    .command('status')
    .description('The house at a glance, or one asset with its tasks')
    .argument('[asset]', 'id of an asset', anId)
    .option(...dataOption)
    .option(...jsonOption)
    .addHelpText(
      'after',
      '\nExamples:\n  sluice status\n  sluice status 01996f3e-7c1a-7d43-9c55-2f1f6f0d7a11\n  watch -n 5 sluice status',
    )
    .action(async (asset, options) => {
      const { assetStatus, status } = await import('./status.ts')
      await (asset === undefined ? status(options) : assetStatus({ ...options, id: asset }))
    })
}
