import { answerHeaders, type Header as RequestHeaderFacts, requestHeaders } from './headers.ts'
import { type JsonSchema, schemaOf, wholeSchemaOf } from './json-schema.ts'
import type { Body, Operation } from './operation.ts'
import { keepsAnswers } from './problems.ts'
import { responsesOf } from './responses.ts'
import { securityOf } from './security.ts'

/** An operation as OpenAPI writes it. */
export function describe(operation: Operation): Record<string, unknown> {
  const { id, tag, summary, description, access, body } = operation
  const parameters = parametersOf(operation)
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description && { description }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: bodyOf(body) }),
    security: securityOf(access),
    responses: responsesOf(operation),
  }
}

function parametersOf(operation: Operation): JsonSchema[] {
  const { path, pathParams = {}, query, send = [] } = operation
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => {
    const param = pathParams[name]
    if (param === undefined) return { $ref: '#/components/parameters/id' }
    const { schema, says, example } = param
    return { name, in: 'path', required: true, description: says, schema: schemaOf(schema, 'input'), example }
  })
  const headers = ['X-Request-Id' as const, ...(keepsAnswers(operation) ? ['Idempotency-Key' as const] : []), ...send]
  return [
    ...inPath,
    ...(query === undefined ? [] : inQuery(wholeSchemaOf(query, 'input'))),
    ...headers.map((name) => ({ $ref: `#/components/parameters/${name}` })),
  ]
}

function inQuery({ properties, required }: JsonSchema): JsonSchema[] {
  const wanted = new Set((required ?? []) as string[])
  return Object.entries((properties ?? {}) as Record<string, JsonSchema>).map(([name, schema]) => ({
    ...{ name, in: 'query', required: wanted.has(name), schema },
  }))
}

function bodyOf({ required = false, types }: Body): JsonSchema {
  const content = Object.entries(types).map(([type, { schema, examples, binary, fileField }]) => {
    if (binary) return [type, {}]
    const plain = schema === undefined ? {} : schemaOf(schema, 'input')
    const shown = examples && {
      examples: Object.fromEntries(Object.entries(examples).map(([name, value]) => [name, { value }])),
    }
    return [type, { schema: fileField ? withFile(plain) : plain, ...shown }]
  })
  return { required, content: Object.fromEntries(content) }
}

/** Of a form: the fields, and the file itself. */
const withFile = (fields: JsonSchema): JsonSchema => ({
  allOf: [
    fields,
    { type: 'object', properties: { file: { contentMediaType: 'application/octet-stream' } }, required: ['file'] },
  ],
})

export const describedHeaders = () =>
  Object.fromEntries(
    Object.entries(answerHeaders).map(([name, { says, ...rest }]) => [name, { description: says, ...rest }]),
  )

/** In words: what is given as an example, `/docs` would send. */
const withExample = (says: string, example: unknown) =>
  example === undefined ? says : `${says} For example \`${example}\`.`

/** Headers that callers send, and the id in a path. */
export const describedParameters = () => ({
  id: {
    name: 'id',
    in: 'path',
    required: true,
    description: 'The id of what is meant',
    schema: { type: 'string', format: 'uuid' },
  },
  ...Object.fromEntries(
    Object.entries<RequestHeaderFacts>(requestHeaders).map(([name, { says, schema, example }]) => [
      name,
      { name, in: 'header', required: name === 'Tus-Resumable', description: withExample(says, example), schema },
    ]),
  ),
})
