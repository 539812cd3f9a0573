import type { Operation } from '../operation.ts'
import { assetOperations } from './assets.ts'
import { eventOperations } from './events.ts'
import { mediaOperations } from './media.ts'
import { operationsOperations } from './operations.ts'
import { tusOperations } from './tus.ts'
import { uploadOperations } from './uploads.ts'
import { webhookOperations } from './webhooks.ts'

/** Everything that the API answers to. A test holds this to the routes, both ways. */
export const operations: Operation[] = [
  ...assetOperations,
  ...uploadOperations,
  ...tusOperations,
  ...eventOperations,
  ...webhookOperations,
  ...mediaOperations,
  ...operationsOperations,
]
