import type { Command } from 'commander'
import { environment } from '../core/config.ts'
import { listenForStopAsChild } from '../core/stop-signal.ts'
import { type QueueName, queueNames } from '../core/task-kinds.ts'
import { dataOption, oneOf, wholeNumber, wrongUse } from './options.ts'

/** `sluice up|api|worker|migrate`: what runs until it is stopped, and what goes before. */
export function addServiceCommands(program: Command): void {
  program
    .command('up')
    .description('Start everything on this machine: embedded Postgres, API and workers')
    .option('--port <number>', 'port of the API (default: 3000)', portNumber)
    .option('--data <folder>', 'where everything is kept', '.sluice')
    .option('--workers <number>', 'worker processes', atLeastOne, 1)
    .addHelpText('after', '\nExample:\n  sluice up --port 8080 --data /srv/media --workers 4')
    .action(async (options: { port?: number; data: string; workers: number }) => {
      const { runUp } = await import('./up/run-up.ts')
      process.exitCode = await runUp({ ...options, env: environment() })
    })

  program
    .command('api')
    .description('Serve the HTTP API')
    .option(...dataOption)
    .action(async (options: { data: string }) => {
      const stopping = listenForStopAsChild()
      const { withDatabaseUrl } = await import('./database-url.ts')
      const { runApi } = await import('../api/main.ts')
      await withDatabaseUrl(options, (config) => runApi(config, stopping))
    })

  program
    .command('worker')
    .description('Run tasks from the queues')
    .option('--queues <names>', `some of ${queueNames.join(',')}`, someQueues)
    .option('--concurrency <pairs>', 'tasks at once, like video=1,image=4', pairs)
    .option(...dataOption)
    .addHelpText('after', '\nExample:\n  sluice worker --queues video,audio --concurrency video=2')
    .action(async (options: WorkerWishes & { data: string }) => {
      const stopping = listenForStopAsChild()
      const { withDatabaseUrl } = await import('./database-url.ts')
      const { runWorker } = await import('../workers/main.ts')
      await withDatabaseUrl(options, (config) => runWorker(config, options, stopping))
    })

  program
    .command('migrate')
    .description('Bring the database up to date')
    .option(...dataOption)
    .action(async (options: { data: string }) => {
      const { withDatabaseUrl } = await import('./database-url.ts')
      const { migrateToLatest } = await import('../core/db/migrate.ts')
      const { prepareQueues } = await import('../queues/connect.ts')
      await withDatabaseUrl(options, async (config) => {
        const done = await migrateToLatest({ url: config.DATABASE_URL })
        await prepareQueues({ url: config.queueUrl })
        console.log(done.length === 0 ? 'nothing to do' : `ran ${done.join(', ')}`)
      })
    })
}

type WorkerWishes = { queues?: QueueName[]; concurrency?: Partial<Record<QueueName, number>> }

function atLeastOne(text: string): number {
  const number = wholeNumber(text)
  if (number > 0) return number
  throw wrongUse('number', 'without a worker nothing is done')
}

function portNumber(text: string): number {
  const port = wholeNumber(text)
  if (port <= 65_535) return port
  throw wrongUse('port', `ports end at 65535, "${text}" is past them`)
}

const someQueues = (text: string): QueueName[] => text.split(',').map(oneOf(queueNames, 'queue'))

function pairs(text: string): Partial<Record<QueueName, number>> {
  return Object.fromEntries(
    text.split(',').map((pair) => {
      const [name = '', number = ''] = pair.split('=', 2)
      return [someQueues(name)[0], wholeNumber(number)]
    }),
  )
}
