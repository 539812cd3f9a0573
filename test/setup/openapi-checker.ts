import { z } from 'zod'
import type { openapiDocument } from '../../api/openapi/document.ts'

type Document = ReturnType<typeof openapiDocument>
type Node = { [name: string]: unknown }
type Answered = { status: number; headers: Record<string, unknown>; body: string }
type Media = { schema?: Node; example?: unknown; examples?: Record<string, Node> }
type Response = { headers?: Node; content?: Record<string, Media> }
type Described = {
  operationId: string
  requestBody?: { content: Record<string, Media> }
  responses: Record<string, Response>
}

/** Holds answers and examples to what the document says, as a program would that knows nothing but the document. */
export function checkerOf(made: Document) {
  const document = inlined(JSON.parse(JSON.stringify(made))) as Document
  const calls = new Map(
    Object.values(document.paths)
      .flatMap((path) => Object.values(path) as Described[])
      .map((one) => [one.operationId, one]),
  )
  return { faultsOf, faultsOfExamples, statusesOf: (id: string) => Object.keys(callOf(id).responses) }

  function callOf(id: string): Described {
    const call = calls.get(id)
    if (call === undefined) throw new Error(`the document knows no ${id}`)
    return call
  }

  /** What of an answer is not as the document says. */
  function faultsOf(id: string, { status, headers, body }: Answered): string[] {
    const response = callOf(id).responses[status]
    if (response === undefined) return [`${id}: ${status} is not described: ${body.slice(0, 300)}`]
    const known = new Set(Object.keys(response.headers ?? {}).map((name) => name.toLowerCase()))
    const unsaid = Object.keys(document.components.headers)
      .map((name) => name.toLowerCase())
      .filter((name) => headers[name] !== undefined && !known.has(name) && !saidByHttp.has(name))
    const faults = unsaid.map((name) => `${id} ${status}: the header ${name} is not described`)
    const [type, media] = Object.entries(response.content ?? {})[0] ?? []
    if (type === undefined)
      return body === '' ? faults : [...faults, `${id} ${status}: has a body: ${body.slice(0, 200)}`]
    const said = String(headers['content-type'] ?? '').split(';')[0]
    if (type !== '*/*' && said !== type) faults.push(`${id} ${status}: is ${said}, and not ${type}`)
    if (media?.schema === undefined) return faults
    return [...faults, ...mismatches(media.schema, JSON.parse(body)).map((fault) => `${id} ${status}: ${fault}`)]
  }

  function faultsOfExamples(): string[] {
    return [...calls].flatMap(([id, { requestBody, responses }]) => {
      const contents = [requestBody, ...Object.values(responses)].flatMap((one) => Object.values(one?.content ?? {}))
      return contents.flatMap(({ schema, example, examples = {} }) => {
        const shown = [
          ...(example === undefined ? [] : [example]),
          ...Object.values(examples).map(({ value }) => value),
        ]
        return shown.flatMap((value) => mismatches(schema ?? {}, value).map((fault) => `${id}: ${fault}`))
      })
    })
  }
}

/** Of every answer; what they mean is HTTP's to say. */
const saidByHttp = new Set(['cache-control', 'etag', 'allow'])

const known = new WeakMap<Node, z.ZodType>()

function mismatches(schema: Node, value: unknown): string[] {
  const made = known.get(schema) ?? z.fromJSONSchema(closed(schema) as never)
  known.set(schema, made)
  const { error } = made.safeParse(value)
  return error === undefined ? [] : [z.prettifyError(error)]
}

/** Answers may grow, but not without the document: what it does not name is a fault here. */
function closed(schema: unknown, within = false): unknown {
  if (Array.isArray(schema)) return schema.map((one) => closed(one, within))
  if (typeof schema !== 'object' || schema === null) return schema
  const entries = Object.entries(schema).map(([name, value]) => [name, closed(value, within || name === 'allOf')])
  const isOpen = 'properties' in schema && !('additionalProperties' in schema)
  return Object.fromEntries(isOpen && !within ? [...entries, ['additionalProperties', false]] : entries)
}

/** With everything in its place that is only referred to. */
function inlined(root: unknown): unknown {
  const found = new Map<string, unknown>()
  const walk = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(walk)
    if (typeof node !== 'object' || node === null) return node
    if ('$ref' in node) {
      const ref = String(node.$ref)
      if (!found.has(ref)) found.set(ref, walk(at(root, ref)))
      return found.get(ref)
    }
    return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, walk(value)]))
  }
  return walk(root)
}

/** What a reference leads to. */
export function at(root: unknown, ref: string): unknown {
  return ref
    .replace(/^#\//, '')
    .split('/')
    .reduce<unknown>((node, name) => (node as Node | undefined)?.[name], root)
}
