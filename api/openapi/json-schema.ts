import { z } from 'zod'
import type { Schema } from './operation.ts'
import { answers, requests } from './shapes.ts'

export type JsonSchema = { [name: string]: unknown }

type Io = 'input' | 'output'
const named = { input: registered(requests), output: registered(answers) }

function registered(shapes: Record<string, Schema>) {
  const registry = z.registry<{ id: string }>()
  for (const [id, shape] of Object.entries(shapes)) registry.add(shape, { id })
  return registry
}

const uri = (id: string) => `#/components/schemas/${id}`

/** Every shape with a name, for `components.schemas`. */
export function namedSchemas(): Record<string, JsonSchema> {
  return { ...allOf('input'), ...allOf('output') }
}

function allOf(io: Io): Record<string, JsonSchema> {
  const { schemas } = z.toJSONSchema(named[io], { io, uri, unrepresentable: 'any' })
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, plain(schema, io)]))
}

/** A shape where it is used: by its name, where it has one. */
export function schemaOf(shape: Schema, io: Io): JsonSchema {
  const id = named[io].get(shape)?.id
  return id === undefined ? wholeSchemaOf(shape, io) : { $ref: uri(id) }
}

/** The same, written out. */
export function wholeSchemaOf(shape: Schema, io: Io): JsonSchema {
  const registry = z.registry<{ id: string }>()
  registry.add(shape, { id: 'this' })
  return plain(z.toJSONSchema(registry, { io, uri, unrepresentable: 'any' }).schemas['this'] ?? {}, io)
}

/**
 * Without what says nothing to a reader: names of its own, the bounds of every whole number, and the pattern of a format. Answers may grow, so none is closed:
 * a client that reads them strictly would break on what is new.
 */
function plain(schema: unknown, io: Io): JsonSchema {
  const kept = JSON.parse(JSON.stringify(schema), (name, value) => {
    if (name === '$schema' || name === '$id') return undefined
    if ((name === 'maximum' || name === 'minimum') && Math.abs(value) === Number.MAX_SAFE_INTEGER) return undefined
    if (io === 'output' && name === 'additionalProperties' && value === false) return undefined
    return typeof value === 'object' && value !== null && 'format' in value ? { ...value, pattern: undefined } : value
  })
  return kept as JsonSchema
}
