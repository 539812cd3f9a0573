export { type QueueName, queueNames, queuePrefix } from './names.ts'
export { type IngestPayload, ingestPayload, type TaskPayload, taskPayload } from './payloads.ts'
export { createProducer } from './producer.ts'
