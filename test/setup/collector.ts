import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { z } from 'zod'
import { atEnd } from './at-end.ts'

const value = z.union([
  z.object({ stringValue: z.string() }),
  z.object({ intValue: z.union([z.number(), z.string()]) }),
])
const attribute = z.object({ key: z.string(), value })
const span = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  startTimeUnixNano: z.string(),
  endTimeUnixNano: z.string(),
  attributes: z.array(attribute),
  status: z.object({ code: z.number().optional() }).optional(),
})
const request = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: z.array(attribute) }),
      scopeSpans: z.array(z.object({ spans: z.array(span) })),
    }),
  ),
})

export type ToldSpan = z.infer<typeof span> & { service: string }

/** A small OpenTelemetry collector: takes OTLP over HTTP as JSON, and keeps what it is told. */
export async function collector(): Promise<{ url: string; spans: ToldSpan[] }> {
  const spans: ToldSpan[] = []
  const server = createServer(async (incoming, answer) => {
    const told = request.parse(await json(incoming))
    for (const { resource, scopeSpans } of told.resourceSpans) {
      const named = resource.attributes.find(({ key }) => key === 'service.name')?.value
      const service = named !== undefined && 'stringValue' in named ? named.stringValue : ''
      for (const scope of scopeSpans) for (const one of scope.spans) spans.push({ ...one, service })
    }
    answer.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  atEnd(async () => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans }
}
