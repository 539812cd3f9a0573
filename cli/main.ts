#!/usr/bin/env -S node --max-semi-space-size=2
import { enableCompileCache } from 'node:module'
import { CommanderError } from 'commander'
import { ConfigError } from '../core/config.ts'
import { SluiceError } from '../core/errors.ts'
import { linesForTerminal } from './for-terminal.ts'
import { buildProgram } from './program.ts'
import { leaveWithReader } from './terminal.ts'

// For whoever starts this file itself, and not sluice.js.
enableCompileCache()
leaveWithReader()

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
  await buildProgram().parseAsync()
} catch (error) {
  process.exitCode = exitCodeOf(error)
}
