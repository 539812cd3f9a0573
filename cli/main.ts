#!/usr/bin/env -S node --max-semi-space-size=2
import { enableCompileCache } from 'node:module'
import { Command, CommanderError } from 'commander'
import { ConfigError, environment } from '../core/config.ts'
import { SluiceError } from '../core/errors.ts'
import { listenForStopAsChild } from '../core/stop-signal.ts'
import { type QueueName, queueNames } from '../core/task-kinds.ts'
import { linesForTerminal } from './for-terminal.ts'
import { addKeysCommands } from './keys-commands.ts'

// Types are stripped once and not at every start.
enableCompileCache()

const dataOption = ['--data <folder>', 'the embedded instance to use without DATABASE_URL', '.sluice'] as const

const program = new Command('sluice')
  .description('Bytes or an address in, playable media out.')
  .exitOverride()
  .configureOutput({ writeErr: (text) => process.stderr.write(linesForTerminal(text)) })

program
  .command('up')
  .description('Start everything on this machine: embedded Postgres, API and workers')
  .option('--port <number>', 'port of the API (default: 3000)', portNumber)
  .option('--data <folder>', 'where everything is kept', '.sluice')
  .option('--workers <number>', 'worker processes', atLeastOne, 1)
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
  .action(async (options: { queues?: QueueName[]; concurrency?: Partial<Record<QueueName, number>>; data: string }) => {
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

addKeysCommands(program, dataOption)

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new CommanderError(2, 'sluice.number', `error: "${text}" is not a whole number`)
  return Number(text)
}

function atLeastOne(text: string): number {
  const number = wholeNumber(text)
  if (number > 0) return number
  throw new CommanderError(2, 'sluice.number', 'error: without a worker nothing is done')
}

function portNumber(text: string): number {
  const port = wholeNumber(text)
  if (port <= 65_535) return port
  throw new CommanderError(2, 'sluice.port', `error: ports end at 65535, "${text}" is past them`)
}

function someQueues(text: string): QueueName[] {
  return text.split(',').map((name) => {
    const queue = queueNames.find((one) => one === name)
    if (queue === undefined)
      throw new CommanderError(
        2,
        'sluice.queue',
        `error: there is no queue "${name}"; there are ${queueNames.join(', ')}`,
      )
    return queue
  })
}

function pairs(text: string): Partial<Record<QueueName, number>> {
  return Object.fromEntries(
    text.split(',').map((pair) => {
      const [name = '', number = ''] = pair.split('=', 2)
      return [someQueues(name)[0], wholeNumber(number)]
    }),
  )
}

/** 0 done, 1 failed, 2 wrong use; a failure is one clear line, not a stack. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.code.startsWith('sluice.')) console.error(linesForTerminal(error.message))
    return error.exitCode === 0 ? 0 : 2
  }
  const message = error instanceof Error ? error.message : String(error)
  const code = error instanceof SluiceError ? `${error.code}: ` : ''
  console.error(linesForTerminal(error instanceof ConfigError ? message : `sluice: ${code}${message}`))
  return 1
}

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = exitCodeOf(error)
}
