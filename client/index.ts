export type { AssetEvent, AssetEventType, EventOptions, HeardEvent } from './events.ts'
export type { Uploadable } from './file-source.ts'
export type { CallOptions, SluiceOptions } from './http.ts'
export { SluiceAssetError, SluiceProblem } from './problem.ts'
export { type AssetFilter, type BuiltInProfile, type NewAsset, Sluice } from './sluice.ts'
export type {
  Asset,
  AssetList,
  AssetQuery,
  ErrorCode,
  Problem,
  ReprocessWish,
  SignedAsset,
  SignWish,
  Task,
  UploadToken,
  UploadTokenWish,
} from './types.ts'
export type { Uploading, UploadOptions } from './upload.ts'
export type { ChunkedOptions } from './upload-chunked.ts'
export type { WaitOptions } from './wait.ts'
export { type VerifyOptions, verifyWebhook, type WebhookEvent, WebhookVerificationError } from './webhook.ts'
