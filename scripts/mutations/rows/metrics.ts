import type { Mutation } from '../mutation.ts'

const metrics = 'test/metrics.test.ts'
const labels =
  `${metrics} › names routes by their pattern: no id, no address and nothing else that a caller chose is a label` as const
const byKey = `${metrics} › with keys it wants one of scope admin` as const
const byToken = `${metrics} › with METRICS_TOKEN it wants that, without keys too; who guesses is told to wait` as const
const ofWorkers =
  `${metrics} › of a worker it is the same, on a port that is opened on loopback unless there is a token` as const

/** What keeps metrics few, without a word that a caller chose, and with those who watch. */
export const metricsMutations: readonly Mutation[] = [
  {
    without: 'the pattern of a route in place of its address',
    file: 'api/metrics/http-meters.ts',
    find: "request.routeOptions.url ?? 'none'",
    replace: 'request.url',
    proof: labels,
  },
  {
    without: 'one name for all addresses that are no route',
    file: 'api/metrics/http-meters.ts',
    find: "request.routeOptions.url ?? 'none'",
    replace: 'request.routeOptions.url ?? request.url',
    proof: labels,
  },
  {
    without: 'the kind of a task in place of its key',
    file: 'workers/meters.ts',
    find: "kindOf(key) ?? 'unknown'",
    replace: 'key',
    proof: `${metrics} › names tasks by their kind, whichever piece they are and whoever wrote them`,
  },
  {
    without: 'one name for all kinds of tasks that we do not know',
    file: 'workers/meters.ts',
    find: "kindOf(key) ?? 'unknown'",
    replace: 'kindOf(key) ?? key',
    proof: `${metrics} › names tasks by their kind, whichever piece they are and whoever wrote them`,
  },
  {
    without: 'silence about rows that cannot be read',
    file: 'api/metrics/house-look.ts',
    find: '    gauges.forget()\n',
    replace: '',
    proof: `${metrics} › is given while the database is away, which it says; of the rows it says nothing then`,
  },
  {
    without: 'the door of /metrics',
    file: 'api/routes/metrics.ts',
    find: '      await requireWatcher(house, request, reply)\n',
    replace: '',
    proof: byKey,
  },
  {
    without: 'the scope that opens /metrics',
    file: 'api/routes/metrics.ts',
    find: "callerWith(house, request, 'admin')",
    replace: "callerWith(house, request, 'assets')",
    proof: byKey,
  },
  {
    without: 'METRICS_TOKEN where nobody needs a key',
    file: 'api/routes/metrics.ts',
    find: "if (token !== undefined && AUTH === 'none')",
    replace: 'if (false)',
    proof: byToken,
  },
  {
    without: 'the count of wrong tokens at /metrics',
    file: 'api/routes/metrics.ts',
    find: 'if (error instanceof SluiceError && error.status === 401)',
    replace: 'if (false)',
    proof: byToken,
  },
  {
    without: 'deafness to whoever guesses METRICS_TOKEN',
    file: 'api/routes/metrics.ts',
    find: '    refuseGuesser(house, request, reply)\n',
    replace: '',
    proof: byToken,
  },
  {
    without: 'the whole of a token',
    file: 'core/metrics/sent-token.ts',
    find: 'isSameText(sent, token)',
    replace: 'token.startsWith(sent)',
    proof: byToken,
  },
  {
    without: 'the token of a worker’s metrics',
    file: 'workers/metrics-listener.ts',
    find: 'token !== undefined && !bearsToken(request.headers.authorization, token)',
    replace: 'false',
    proof: ofWorkers,
  },
  {
    without: 'the name under which this machine asks a worker',
    file: 'workers/metrics-listener.ts',
    find: "token === undefined && !isOurOwnName(request.headers.host ?? '')",
    replace: 'false',
    proof: ofWorkers,
  },
  {
    without: 'a token before others than this machine may ask a worker',
    file: 'core/config.ts',
    find: '!isLoopback(values.METRICS_HOST) && values.METRICS_TOKEN === undefined',
    replace: 'false',
    proof: ofWorkers,
  },
]
