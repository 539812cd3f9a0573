export { type QueueName, queueNames } from '../core/task-kinds.ts'

/** Before every key in Redis, so that other BullMQ users of the same server never meet ours. */
export const queuePrefix = 'sluice'
