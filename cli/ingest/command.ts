import type { Command } from 'commander'
import { assetKinds, priorities, visibilities } from '../../core/asset.ts'
import { dataOption, jsonOption, oneOf } from '../options.ts'

const examples = `
Without --url and SLUICE_URL it speaks to the instance that \`sluice up\` runs in the data folder. An upload of a file that
broke off goes on where it was, when the same command is given again; with other options it is another upload.

Examples:
  sluice ingest film.mp4 --wait
  sluice ingest https://example.com/cat.jpg --profile rehost
  ffmpeg -i in.avi -f matroska - | sluice ingest - --filename out.mkv
  SLUICE_URL=https://media.example.com SLUICE_KEY=sl_… sluice ingest film.mp4`

/** `sluice ingest`. */
export function addIngestCommand(program: Command): void {
  program
    .command('ingest')
    .description('Upload a file, or send an address, over the HTTP API')
    .argument('<source>', 'a file, an address, or - for standard input')
    .option('--wait', 'until it is ready, or has failed')
    .option('--filename <name>', 'what it is called (default: as the file is)')
    .option('--profile <name>', 'by which profile')
    .option('--kind <kind>', assetKinds.join(', '), oneOf(assetKinds, 'kind'))
    .option('--external-id <id>', 'what you call it; the same again makes no second one')
    .option('--priority <priority>', priorities.join(', '), oneOf(priorities, 'priority'))
    .option('--visibility <visibility>', visibilities.join(' or '), oneOf(visibilities, 'visibility'))
    .option('--url <address>', 'of the API (default: SLUICE_URL)')
    .option('--key <key>', 'API key (default: SLUICE_KEY, which no list of processes shows)')
    .option(...dataOption)
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action(async (source, options) => {
      const { ingest } = await import('./ingest.ts')
      process.exitCode = await ingest({ ...options, source })
    })
}
