import { z } from 'zod'
import { assetStatuses } from '../../core/asset.ts'
import { assetShape, moment, shownShape } from '../../core/asset-shape.ts'
import { queueNames } from '../../core/task-kinds.ts'
import { formFields } from '../read-form.ts'
import { batch } from '../routes/asset-batch.ts'
import { assetBody } from '../routes/asset-from-source.ts'
import { listQuery } from '../routes/assets.ts'
import { reprocessWish } from '../routes/reprocess.ts'
import { signWish } from '../routes/sign.ts'
import { wantedParts } from '../routes/upload-parts.ts'
import { tokenWish } from '../routes/upload-tokens.ts'
import { completion } from '../routes/uploads.ts'
import { webhookWish } from '../routes/webhooks.ts'
import { uploadWish } from '../uploads/new-upload.ts'
import { problemShape } from './problems.ts'

const count = z.int().min(0)
const time = moment.nullable()

const assetList = z.object({ data: z.array(assetShape), nextCursor: z.string().nullable() })
const batchAnswer = z.object({ data: z.array(z.union([assetShape, problemShape])) })
const signedAsset = shownShape.extend({ expiresAt: moment })

const taskShape = z.object({
  id: z.uuid(),
  key: z.string().describe('What it does, and to which piece: `fetch`, `encode:3`'),
  queue: z.enum(queueNames),
  status: z.enum(['pending', 'running', 'done', 'failed', 'cancelled']),
  progress: z.number(),
  worker: z.string().nullable(),
  attempts: count,
  failures: count,
  crashes: count,
  error: z
    .object({ code: z.string(), message: z.string(), at: z.string(), since: z.string().optional() })
    .nullable()
    .describe('Of its last failure'),
  createdAt: moment,
  startedAt: time,
  finishedAt: time,
})
const taskList = z.object({ data: z.array(taskShape), nextCursor: z.null() })

const generationShape = z.object({
  generation: count,
  status: z.enum(assetStatuses).describe('How far it is, or how it ended'),
  served: z.boolean().describe('Whether readers are sent to it'),
  tasks: count,
  createdAt: moment,
  finishedAt: time.describe('When its last task so far ended'),
})
const generationList = z.object({ data: z.array(generationShape), nextCursor: z.null() })

const uploadShape = z.object({
  id: z.uuid(),
  assetId: z.uuid(),
  status: z.enum(['open', 'done']),
  strategy: z.enum(['chunks', 'direct']),
  bytes: count,
  receivedBytes: count,
  chunkBytes: count,
  chunks: count,
  missing: z.array(z.tuple([count, count])).describe('Ranges of chunks that have not come, both ends included'),
  expiresAt: moment,
})
const partList = z.object({
  data: z.array(
    z.object({
      partNumber: count,
      url: z.string().describe('Takes one PUT, without a key'),
      expiresAt: moment,
      bytes: count.optional().describe('What the part must have, where the sizes were settled beforehand'),
    }),
  ),
})
const tokenShape = z.object({ id: z.uuid(), token: z.string(), expiresAt: moment })

const webhookShape = z.object({
  id: z.uuid(),
  url: z.string(),
  events: z.array(z.string()),
  status: z.enum(['enabled', 'disabled']),
  disabledReason: z
    .enum(['gone', 'failing'])
    .nullable()
    .describe('`gone`: it answered 410; `failing`: nothing else came from it for 5 days'),
  failingSince: time,
  disabledAt: time,
  createdAt: moment,
})
const secret = z.string().describe('`whsec_…`; shown this once')
const tryShape = z.object({ at: moment, ms: count, status: z.int().nullable(), error: z.string().nullable() })
const deliveryShape = z.object({
  id: z.uuid(),
  webhookId: z.uuid(),
  eventId: z.uuid().describe('`webhook-id`, the same at each try and in the streams'),
  type: z.string(),
  assetId: z.uuid(),
  status: z.enum(['pending', 'delivered', 'failed']),
  attempts: count,
  responseStatus: z.int().nullable(),
  error: z.string().nullable(),
  tries: z.array(tryShape).describe('The last ones'),
  nextAttemptAt: time.describe('Not before; an earlier event of the same asset goes first'),
  createdAt: moment,
  deliveredAt: time,
})

const up = z.enum(['up', 'down'])
export const statusShape = z.object({ status: up })
const component = z.object({ status: up, ms: count })
const healthShape = z.object({
  status: z.enum(['up', 'degraded']),
  components: z.object({ database: component, queue: component, storage: component, disk: component }),
  tasks: z.object({ poisoned: count.nullable() }),
  workers: z.looseObject({}).nullable(),
})

/** What callers send, as it is validated. */
export const requests = {
  NewAsset: assetBody,
  NewAssetForm: formFields,
  NewAssets: batch.extend({ items: z.array(assetBody).min(1).max(100) }),
  NewUpload: uploadWish,
  Completion: completion,
  WantedParts: wantedParts,
  SignWish: signWish,
  ReprocessWish: reprocessWish,
  AssetQuery: listQuery,
  NewWebhook: webhookWish,
  UploadTokenWish: tokenWish(Number.MAX_SAFE_INTEGER),
}

/** What they are answered. */
export const answers = {
  Asset: assetShape,
  AssetList: assetList,
  BatchAnswer: batchAnswer,
  SignedAsset: signedAsset,
  Generation: generationShape,
  GenerationList: generationList,
  Task: taskShape,
  TaskList: taskList,
  Upload: uploadShape,
  PartList: partList,
  UploadToken: tokenShape,
  Webhook: webhookShape,
  NewWebhookAnswer: webhookShape.extend({ secret }),
  WebhookList: z.object({ data: z.array(webhookShape), nextCursor: z.null() }),
  WebhookSecret: z.object({ secret }),
  Delivery: deliveryShape,
  DeliveryList: z.object({ data: z.array(deliveryShape), nextCursor: z.string().nullable() }),
  Health: healthShape,
  Problem: problemShape,
}
