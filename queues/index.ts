export { type ErrorCode, SluiceError } from '../core/errors.ts'
export { type QueueName, queueNames, queuePrefix } from './names.ts'
export { type IngestPayload, ingestPayload, type TaskPayload, taskPayload } from './payloads.ts'
export { createProducer, type Producer, type ProducerOptions } from './producer.ts'
