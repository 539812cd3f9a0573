import type { Row } from './threat.ts'

/** B41 to B45: what those may try who are inside already, and what repeats itself. */
export const houseThreats: Row[] = [
  {
    id: 'B41',
    input: 'a job put into the queue by hand, with arguments of its own',
    outcome: 'refused; nothing of it is used',
    proof: 'test/queue.suite.ts › refuses a job that somebody else put there, and brings nothing of it in',
  },
  {
    id: 'B42',
    input: 'Bull Board without the password',
    outcome: 'closed',
    code: 'unauthorized',
    proof: 'test/api.test.ts › Bull Board opens for the admin password or an admin key, and for nobody else',
  },
  {
    id: 'B43',
    input: 'line breaks in what is logged',
    outcome: 'one line of JSON an entry',
    proof: 'core/logger.test.ts › cannot be forged by a file name',
  },
  {
    id: 'B44',
    input: 'shell text, control characters and the like as arguments and in rows',
    outcome: 'text, and shown as such',
    proof: { notBuilt: 'not shown by a test yet' },
  },
  {
    id: 'B45',
    input: 'the same external id a hundred times at once',
    outcome: 'one asset',
    proof: 'test/api.test.ts › the same external id gives the same asset, also when a hundred ask at once',
  },
]
