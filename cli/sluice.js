#!/usr/bin/env -S node --max-semi-space-size=2
import { existsSync } from 'node:fs'
import { enableCompileCache } from 'node:module'

// Types are stripped once and not at every start: not even what strips them is loaded then, which is why this file has none.
enableCompileCache()

// npm puts what is named as a command into every package. Ours for other projects holds the client and the producer alone.
if (existsSync(new URL('main.ts', import.meta.url))) await import('./main.ts')
else {
  console.error(
    'error: this package holds sluice/client and sluice/queues; the command line is run from a clone of Sluice',
  )
  process.exitCode = 2
}
