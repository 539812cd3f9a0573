import type { Mutation } from '../mutation.ts'

const board = 'test/board.test.ts'
const forgery =
  `${board} › takes no order from a page of another site, though the browser sends the password along` as const
const secret = `${board} › shows where an address of a job leads, and not its signature` as const
const guesses = 'test/rate-limits.test.ts › the operator’s password is not heard any more, even when right'

/** What keeps Bull Board with operators, what is pressed there with what may be, and what is shown there without secrets. */
export const boardMutations: readonly Mutation[] = [
  {
    without: 'the door of the board',
    file: 'api/routes/board.ts',
    find: '        await requireOperator(house, request, reply)\n',
    replace: '',
    proof: `${board} › is closed to strangers on every route, its files and the way out of their folder too`,
  },
  {
    without: 'the scope that opens the board',
    file: 'api/board/operator.ts',
    find: "callerWith(house, request, 'admin')",
    replace: "callerWith(house, request, 'assets')",
    proof: `${board} › opens for a key of scope admin where browsers ask for a password, and for no other key`,
  },
  {
    without: 'a look at the operator’s password',
    file: 'api/board/operator.ts',
    find: 'if (isSameText(said,',
    replace: 'if (true || isSameText(said,',
    proof: 'test/api.test.ts › Bull Board opens for the admin password or an admin key, and for nobody else',
  },
  {
    without: 'the count of wrong passwords',
    file: 'api/board/operator.ts',
    find: 'return countWrongCredential(house, request, reply).then(',
    replace: 'return Promise.resolve().then(',
    proof: guesses,
  },
  {
    without: 'deafness to whoever guesses the operator’s password',
    file: 'api/board/operator.ts',
    find: '      refuseGuesser(house, request, reply)\n',
    replace: '',
    proof: guesses,
  },
  {
    without: 'any look at which page presses a button of the board',
    file: 'api/routes/board.ts',
    find: '        refuseForgery(request)\n',
    replace: '',
    proof: forgery,
  },
  {
    without: 'what a browser says of the page that presses a button of the board',
    file: 'api/board/operator.ts',
    find: "(site === undefined || site === 'same-origin')",
    replace: 'true',
    proof: forgery,
  },
  {
    without: 'the origin that an order to the board comes from',
    file: 'api/board/operator.ts',
    find: '(origin === undefined || URL.parse(origin)?.host === request.headers.host)',
    replace: 'true',
    proof: forgery,
  },
  {
    without: 'the list of orders that the board takes',
    file: 'api/routes/board.ts',
    find: 'handlerHooks: { before: onlyAllowedOrders }',
    replace: 'handlerHooks: {}',
    proof: `${board} › retries, pauses and resumes, and takes no other order: jobs are reminders of rows`,
  },
  {
    without: 'the board that may only look',
    file: 'api/board/board-queue.ts',
    find: 'readOnlyMode: house.config.BOARD_READ_ONLY',
    replace: 'readOnlyMode: false',
    proof: `${board} › changes nothing where it may only look`,
  },
  {
    without: 'taking secrets out of what other backends put into jobs',
    file: 'api/board/board-queue.ts',
    find: "adapter.setFormatter('data', redactDeep)",
    replace: '',
    proof: secret,
  },
  {
    without: 'an address without its signature as the name of a job',
    file: 'api/board/job-words.ts',
    find: 'task.source_url?.split(/[?#]/, 1)[0]',
    replace: 'task.source_url',
    proof: secret,
  },
  {
    without: 'a link of the board that is ours',
    file: 'api/board/board-queue.ts',
    find: 'return isOurs ? { href: assetPage(String(asset.id))',
    replace: 'return asset ? { href: String(asset.page)',
    proof: `${board} › leads an operator to an asset of ours, and nowhere that a job says`,
  },
  {
    without: 'the policy that lets no script of a job run on the board',
    file: 'api/routes/board.ts',
    find: `"script-src 'self'"`,
    replace: `"script-src 'self' 'unsafe-inline'"`,
    proof: `${board} › opens its page and its files for the operator, and nothing outside of them`,
  },
  {
    without: 'a board that asks no other host for anything',
    file: 'api/routes/board.ts',
    find: "payload.replace(/<link [^>]*href=\"https:[^>]*>/g, '')",
    replace: 'payload',
    proof: `${board} › opens its page and its files for the operator, and nothing outside of them`,
  },
]
