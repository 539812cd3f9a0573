import type { BeforeHook } from '@bull-board/api/dist/types.js'

/** What an operator may do to jobs: set failed ones off again, and hold queues up. */
const allowed = new Set([
  '/api/queues/pause',
  '/api/queues/resume',
  '/api/queues/:queueName/pause',
  '/api/queues/:queueName/resume',
  '/api/queues/:queueName/retry/:queueStatus',
  '/api/queues/:queueName/:jobId/retry',
])

/**
 * The rows are the truth: a job that is removed or hurried is sent again as its row says, and one that is added or edited is
 * refused. On the intake, though, jobs of other backends are all there is. So nothing but `allowed` passes.
 */
export const onlyAllowedOrders: BeforeHook = ({ method, route }) => {
  if (method === 'get' || allowed.has(route)) return { allow: true }
  return {
    allow: false,
    status: 403,
    errorKey: 'ERRORS.FORBIDDEN',
    message:
      'Jobs are reminders of rows: retry them, or cancel or delete their asset. Nothing is added, edited or removed here.',
  }
}
