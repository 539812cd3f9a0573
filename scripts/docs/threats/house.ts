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
    proof: 'test/once-processes.test.ts › asked a hundred times at once with one external id make one asset',
  },
  {
    id: 'B45',
    input: 'the same Idempotency-Key a hundred times at once, over two processes',
    outcome: 'one asset, and the same answer for all',
    proof:
      'test/once-processes.test.ts › asked a hundred times at once with one key make one asset, and answer the same',
  },
  {
    id: 'B45',
    input: 'the same key with another request',
    outcome: 'refused',
    code: 'idempotency_key_reused',
    proof: 'test/once.test.ts › says so when the key stood for another request: by its body or by its path',
  },
  {
    id: 'B45',
    input: 'the key of another tenant, or of a caller who may do other things',
    outcome: 'a key of its own',
    proof: 'test/once.test.ts › are apart: another tenant’s, and those of whoever may do other things',
  },
]
