import { openapiDocument } from '../../api/openapi/document.ts'

type Schema = {
  $ref?: string
  type?: string | string[]
  const?: unknown
  enum?: unknown[]
  anyOf?: Schema[]
  description?: string
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: boolean | Schema
  items?: Schema
  prefixItems?: Schema[]
}

/** The client's types, from the document of the API: plain ones, so that nobody who uses the client needs anything else. */
export function clientTypes(): string {
  const { components } = JSON.parse(JSON.stringify(openapiDocument())) as {
    components: { schemas: Record<string, Schema>; examples: Record<string, unknown> }
  }
  const codes = Object.keys(components.examples).map((code) => `  | '${code}'`)
  return [
    '// Made by `npm run docs` from the document of the API, and thereby from the schemas that validate.',
    `/** Every stable code; a newer server may have more. */\nexport type ErrorCode =\n${codes.join('\n')}`,
    ...Object.entries(components.schemas).map(([name, schema]) => `export type ${name} = ${typeOf(schema)}`),
    '',
  ].join('\n\n')
}

function typeOf(schema: Schema, depth = 0): string {
  if (schema.$ref !== undefined) return schema.$ref.replace(/.*\//, '')
  if (schema.anyOf !== undefined) return schema.anyOf.map((one) => typeOf(one, depth)).join(' | ')
  if (schema.enum !== undefined) return schema.enum.map(literal).join(' | ')
  if (schema.const !== undefined) return literal(schema.const)
  if (Array.isArray(schema.type)) return schema.type.map((type) => typeOf({ type }, depth)).join(' | ')
  if (schema.type === 'integer' || schema.type === 'number') return 'number'
  if (schema.type === 'array') return arrayOf(schema, depth)
  if (schema.type === 'object') return objectOf(schema, depth)
  return schema.type ?? 'unknown'
}

const literal = (value: unknown) => (typeof value === 'string' ? `'${value}'` : JSON.stringify(value))

function arrayOf({ items, prefixItems }: Schema, depth: number): string {
  if (prefixItems !== undefined) return `[${prefixItems.map((one) => typeOf(one, depth)).join(', ')}]`
  const type = typeOf(items ?? {}, depth)
  return /^\w+$/.test(type) ? `${type}[]` : `(${type})[]`
}

function objectOf({ properties = {}, required = [], additionalProperties }: Schema, depth: number): string {
  const indent = '  '.repeat(depth + 1)
  const fields = Object.entries(properties).map(([name, schema]) => {
    const type = typeOf(schema, depth + 1)
    const says = schema.description === undefined ? '' : `${indent}/** ${schema.description} */\n`
    return `${says}${indent}${name}${required.includes(name) ? `: ${type}` : `?: ${type} | undefined`}`
  })
  const isRecord = fields.length === 0 && typeof additionalProperties === 'object'
  if (isRecord) return `Record<string, ${typeOf(additionalProperties, depth)}>`
  if (typeof additionalProperties === 'object') fields.push(`${indent}[name: string]: unknown`)
  return fields.length === 0 ? 'Record<string, unknown>' : `{\n${fields.join('\n')}\n${'  '.repeat(depth)}}`
}
