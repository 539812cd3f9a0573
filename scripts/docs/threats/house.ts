import type { Row } from './threat.ts'

/** B41 to B45: what those may try who are inside already, and what repeats itself. */
export const houseThreats: Row[] = [
  {
    id: 'B41',
    input:
      'a job put into a queue by hand: paths, arguments of ffmpeg, other names, an ingest on another queue, inner addresses, tenants that climb',
    outcome: 'refused by its schema; the log says so, without its contents',
    proof: 'test/job-injection.test.ts › %s is refused, and the log says so',
  },
  {
    id: 'B41',
    input: 'all of these',
    outcome: 'no asset, no task, no file',
    proof: 'test/job-injection.test.ts › brings nothing about: no asset, no task, no file',
  },
  {
    id: 'B42',
    input: 'Bull Board without credentials, on each of its routes and files',
    outcome: 'closed',
    code: 'unauthorized',
    proof: 'test/board.test.ts › is closed to strangers on every route, its files and the way out of their folder too',
  },
  {
    id: 'B42',
    input: 'the same with a wrong password, a key without the scope',
    outcome: 'closed',
    code: 'unauthorized',
    proof: 'test/api.test.ts › Bull Board opens for the admin password or an admin key, and for nobody else',
  },
  {
    id: 'B42',
    input: 'a page of another site in the operator’s browser, on each route that changes something',
    outcome: 'refused',
    code: 'forbidden',
    proof:
      'test/board.test.ts › takes no order from a page of another site, though the browser sends the password along',
  },
  {
    id: 'B42',
    input: 'markup in the name and the data of a job, in Chromium',
    outcome: 'text; no script runs, and the policy would let none',
    proof: 'test/board.browser.test.ts › what a stranger wrote into a job is text on Bull Board, wherever it is shown',
  },
  {
    id: 'B42',
    input: 'paths out of the folder of its files',
    outcome: 'nothing',
    proof: 'test/board.test.ts › opens its page and its files for the operator, and nothing outside of them',
  },
  {
    id: 'B42',
    input: 'a signed address in a job',
    outcome: 'shown without its signature',
    proof: 'test/board.test.ts › shows where an address of a job leads, and not its signature',
  },
  {
    id: 'B42',
    input: 'jobs added, edited, hurried, removed, a queue obliterated',
    outcome: 'refused: what is done is done to rows; retry, pause and resume are all there is',
    proof: 'test/board.test.ts › retries, pauses and resumes, and takes no other order: jobs are reminders of rows',
  },
  {
    id: 'B42',
    input: 'the name of a file with markup in it, shown with its job, in Chromium',
    outcome: 'text',
    proof:
      'test/board.browser.test.ts › a failed job says what failed, of which file and why; a file’s name is text there, too',
  },
  {
    id: 'B42',
    input: 'a button pressed where BOARD_READ_ONLY is on',
    outcome: 'nothing changes',
    proof: 'test/board.test.ts › changes nothing where it may only look',
  },
  {
    id: 'B43',
    input: 'line breaks, forged entries',
    outcome: 'one line of JSON an entry',
    proof: 'core/logger.test.ts › cannot be forged by a file name',
  },
  {
    id: 'B43',
    input: 'ANSI, C1 controls, marks that turn a line round',
    outcome: 'spelled out',
    proof: 'core/logger.test.ts › holds no control character, so that a terminal shows it as it is',
  },
  {
    id: 'B43',
    input: 'a megabyte',
    outcome: 'its beginning and its end, in no time',
    proof:
      'core/logger.test.ts › stays short, whatever is said: of a megabyte the beginning and the end, and in no time',
  },
  {
    id: 'B43',
    input: 'what ffmpeg says without end',
    outcome: 'its last 8 KB',
    proof: 'workers/edges/process.test.ts › output is bounded, and of errors the end is kept',
  },
  {
    id: 'B43',
    input: 'keys, JWTs, passwords and signatures in what is logged',
    outcome: 'cut out',
    proof: 'core/logger.test.ts › never shows %s inside of a text',
  },
  {
    id: 'B43',
    input:
      'a house with canaries for every kind of secret: keys, JWTs, passwords, signatures in queries and paths; asked, sent files and addresses that go wrong',
    outcome: 'in no line, no answer, no task, no event',
    proof: 'test/canaries.test.ts › tells no secret in any line, answer, task or event',
  },
  {
    id: 'B43',
    input: 'the same with names of several lines, ANSI, lookups of a logger (jndi)',
    outcome: 'every line is one object of JSON, short, and none is forged',
    proof: 'test/canaries.test.ts › writes one object of JSON a line, none of them long or forged',
  },
  {
    id: 'B44',
    input: 'shell text as an argument',
    outcome: 'text',
    proof: 'test/cli-text.test.ts › takes shell text for text',
  },
  {
    id: 'B44',
    input: 'ids with line breaks, that are paths or options; control characters as commands, options and values',
    outcome: 'wrong use, exit code 2, said without obeying it',
    proof: 'test/cli-text.test.ts › %s is wrong use, said without obeying it',
  },
  {
    id: 'B44',
    input: 'control characters in rows',
    outcome: 'not obeyed by the terminal',
    proof: 'test/cli-text.test.ts › shows what others wrote into rows without obeying it',
  },
  {
    id: 'B44',
    input: 'the same in the log that `up` shows',
    outcome: 'spelled out, on one line',
    proof: 'cli/up/child-log.test.ts › what a stranger wrote into an entry moves no cursor and makes no second line',
  },
  {
    id: 'B44',
    input: 'a file of a million ids',
    outcome: 'worked off in pieces, behind live jobs',
    proof: { notBuilt: 'there is no command that takes many ids' },
  },
  {
    id: 'B45',
    input: 'the same Idempotency-Key for another request',
    outcome: 'refused',
    code: 'idempotency_key_reused',
    proof: 'test/once.test.ts › says so when the key stood for another request: by its body or by its path',
  },
  {
    id: 'B45',
    input: 'the same key a hundred times at once, on two processes',
    outcome: 'one asset, one answer',
    proof:
      'test/once-processes.test.ts › asked a hundred times at once with one key make one asset, and answer the same',
  },
  {
    id: 'B45',
    input: 'the key of another tenant',
    outcome: 'another key',
    proof: 'test/once.test.ts › are apart: another tenant’s, and those of whoever may do other things',
  },
  {
    id: 'B45',
    input: 'whoever reads the database',
    outcome: 'finds neither the key nor its answer',
    proof: 'test/once.test.ts › leaves neither its key nor its answer to be read in the database',
  },
  {
    id: 'B45',
    input: 'the same external id a hundred times at once, over HTTP and the queue',
    outcome: 'one asset',
    proof:
      'test/external-id.test.ts › sent a hundred times at once, by two processes and by the queue, makes one asset',
  },
]
