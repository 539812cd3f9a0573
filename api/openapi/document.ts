import { errorCodes } from '../../core/error-codes.ts'
import { describe, describedHeaders, describedParameters } from './describe.ts'
import { namedSchemas } from './json-schema.ts'
import { tags } from './operation.ts'
import { operations } from './operations/all.ts'
import { exampleProblem } from './problems.ts'
import { sharedResponses } from './responses.ts'
import { securitySchemes } from './security.ts'

const about = `A self-hosted media pipeline: bytes or an address in, playable media out.

Errors are RFC 9457 problems with a stable \`code\`. Every answer bears \`X-Request-Id\`. A HEAD is answered like its GET, without a body.
Any POST below /v1 takes an \`Idempotency-Key\`. Lists come in pages, with \`nextCursor\`. Times are ISO 8601 in UTC.
What cannot be read as HTTP at all is answered with 400, 408 or 431, and 404 \`not_found\` is answered where there is nothing.`

/** The whole API as OpenAPI 3.1, made from the schemas that validate. The same on every house, whatever its settings. */
export function openapiDocument() {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const operation of operations)
    paths[operation.path] = { ...paths[operation.path], [operation.method]: describe(operation) }
  const codes = Object.keys(errorCodes) as (keyof typeof errorCodes)[]
  return {
    openapi: '3.1.1',
    info: {
      title: 'Sluice',
      version: '1',
      summary: 'Bytes or an address in, playable media out.',
      description: about,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'This house' }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: namedSchemas(),
      responses: sharedResponses(operations),
      parameters: describedParameters(),
      headers: describedHeaders(),
      examples: Object.fromEntries(
        codes.map((code) => [code, { summary: errorCodes[code].remedy, value: exampleProblem(code) }]),
      ),
      securitySchemes,
    },
  }
}
