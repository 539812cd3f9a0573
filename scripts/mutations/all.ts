import type { Mutation } from './mutation.ts'
import { addressMutations } from './rows/addresses.ts'
import { batchMutations } from './rows/batches.ts'
import { boardMutations } from './rows/board.ts'
import { callerMutations } from './rows/callers.ts'
import { isolationMutations } from './rows/isolation.ts'
import { metricsMutations } from './rows/metrics.ts'
import { recoveryMutations } from './rows/recovery.ts'
import { storageMutations } from './rows/storage.ts'
import { tusMutations } from './rows/tus.ts'
import { webhookMutations } from './rows/webhooks.ts'

/** Every defence that may be taken away, by the part of the house it stands in. */
export const mutations: Record<string, readonly Mutation[]> = {
  addresses: addressMutations,
  isolation: isolationMutations,
  recovery: recoveryMutations,
  callers: callerMutations,
  storage: storageMutations,
  tus: tusMutations,
  batches: batchMutations,
  webhooks: webhookMutations,
  metrics: metricsMutations,
  board: boardMutations,
}
