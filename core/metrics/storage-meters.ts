import { Counter, Histogram, type Registry } from 'prom-client'
import { SluiceError } from '../errors.ts'
import { buckets } from './registry.ts'

/** What is told of each call of a store. */
export type StorageMeters = {
  storage: {
    /** Runs one call, timed and, where the store itself failed, counted as its error. */
    call<Result>(operation: string, run: () => Promise<Result>): Promise<Result>
    /** For failures that are not thrown. */
    failed(operation: string, error: unknown): void
    wrote(bytes: number): void
  }
}

/** Answers that are no fault of the store's. */
const faultless = new Set(['not_found', 'range_not_satisfiable', 'too_large', 'upload_interrupted'])

export function storageMeters(registry: Registry): StorageMeters {
  const registers = [registry]
  const durations = new Histogram({
    name: 'sluice_storage_operation_duration_seconds',
    help: 'How long calls of the media storage took, failed ones too; of reads, until the first byte.',
    labelNames: ['operation'],
    buckets: buckets.answers,
    registers,
  })
  const errors = new Counter({
    name: 'sluice_storage_errors_total',
    help: 'Calls of the media storage that failed by its own fault, by error code.',
    labelNames: ['operation', 'code'],
    registers,
  })
  const written = new Counter({
    name: 'sluice_storage_written_bytes_total',
    help: 'Bytes that the media storage took.',
    registers,
  })
  const failed = (operation: string, error: unknown) => {
    if (error instanceof SluiceError && !faultless.has(error.code)) errors.inc({ operation, code: error.code })
  }
  return {
    storage: {
      async call(operation, run) {
        const end = durations.startTimer({ operation })
        try {
          return await run()
        } catch (error) {
          failed(operation, error)
          throw error
        } finally {
          end()
        }
      },
      failed,
      wrote: (bytes) => written.inc(bytes),
    },
  }
}
