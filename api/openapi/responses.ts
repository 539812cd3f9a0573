import type { AnswerHeader } from './headers.ts'
import { type JsonSchema, schemaOf } from './json-schema.ts'
import type { Answer, Operation } from './operation.ts'
import { headersOfProblem, isOwnRefusal, refusalsOf } from './problems.ts'

/** What a call may answer, by status; refusals by their name in `components.responses`. */
export function responsesOf(operation: Operation): JsonSchema {
  const rate = isCounted(operation) ? rateHeaders : []
  const good = Object.entries(operation.answers).map(([status, answer]) => [status, responseOf(answer, rate)])
  const bad = refusals(operation).map(([status, codes]) => [
    status,
    operation.method === 'head'
      ? {
          description: saying(codes),
          headers: headersRef([...headersOfProblem(status, operation.tag), ...rateHeaders]),
        }
      : { $ref: `#/components/responses/${nameOf(operation, status, codes)}` },
  ])
  return Object.fromEntries([...good, ...bad])
}

/** Calls that refuse the same things share what is said of it. */
export function sharedResponses(operations: readonly Operation[]): Record<string, JsonSchema> {
  const all = operations
    .filter(({ method }) => method !== 'head')
    .flatMap((operation) =>
      refusals(operation).map(([status, codes]) => [
        nameOf(operation, status, codes),
        refusalOf(operation, status, codes),
      ]),
    )
  return Object.fromEntries(all)
}

const refusals = (operation: Operation) =>
  [...refusalsOf(operation)].filter(([status]) => !(status in operation.answers))

const rateHeaders: AnswerHeader[] = ['RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset']
const isCounted = ({ path, access, method }: Operation) =>
  path.startsWith('/v1/') && access !== 'anybody' && !['put', 'patch', 'head'].includes(method)

const nameOf = ({ tag }: Operation, status: number, codes: string[]) =>
  [status, ...(isOwnRefusal(tag) ? [tag] : []), ...codes].join('.')
const saying = (codes: string[]) => codes.map((code) => `\`${code}\``).join(', ')

const headersRef = (names: readonly AnswerHeader[]) =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))

function responseOf(answer: Answer, rate: AnswerHeader[]): JsonSchema {
  const { says, headers = [], schema, example, type } = answer
  const shown = example === undefined ? {} : { example }
  return {
    description: says,
    headers: headersRef(['X-Request-Id', ...headers, ...rate]),
    ...(schema && { content: { 'application/json': { schema: schemaOf(schema, 'output'), ...shown } } }),
    ...(type && { content: { [type]: {} } }),
  }
}

function refusalOf({ tag }: Operation, status: number, codes: string[]): JsonSchema {
  const schema = {
    allOf: [{ $ref: '#/components/schemas/Problem' }, { type: 'object', properties: { code: { enum: codes } } }],
  }
  const examples = Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]))
  return {
    description: saying(codes),
    headers: headersRef([...headersOfProblem(status, tag), ...rateHeaders]),
    content: { 'application/problem+json': { schema, examples } },
  }
}
