import { AsyncLocalStorage } from 'node:async_hooks'
import { type Context, ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanExporter,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import { ATTR_ERROR_TYPE, ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from '@opentelemetry/semantic-conventions'
import { calm } from '../calm.ts'
import type { Logger } from '../logger.ts'
import { ownVersion } from '../own-version.ts'
import { within } from '../within.ts'
import type { OpenSpan, SpanOptions, Tracing } from './tracing.ts'

const kinds = { server: SpanKind.SERVER, consumer: SpanKind.CONSUMER, internal: SpanKind.INTERNAL }
const lastWordsMs = 1_500

type Options = { endpoint: string; part: string; log: Logger }

/** Sends spans to a collector over OTLP/HTTP, as JSON, in batches. One that does not answer costs what it would have been told, and nothing else. */
export async function tellCollector({ endpoint, part, log }: Options): Promise<Tracing> {
  const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`
  const exporter = complaining(new OTLPTraceExporter({ url, timeoutMillis: 3_000 }), log)
  const provider = new TracerProvider({
    sampler: new ParentBasedSampler({ root: new AlwaysOnSampler() }),
    resource: resourceFromAttributes({
      [ATTR_SERVICE_NAME]: `sluice-${part}`,
      [ATTR_SERVICE_VERSION]: await ownVersion(),
    }),
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: 1_000, exportTimeoutMillis: 4_000 })],
  })
  const tracer = provider.getTracer('sluice')
  const underWay = new AsyncLocalStorage<Context>()

  function open(name: string, options: SpanOptions, parent: Context): OpenSpan {
    const { kind = 'internal', attributes = {}, agoMs = 0 } = options
    const startTime = Date.now() - agoMs
    const span = tracer.startSpan(name, { kind: kinds[kind], attributes, startTime }, parent)
    const context = trace.setSpan(parent, span)
    const { traceId, spanId, traceFlags } = span.spanContext()
    return {
      traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`,
      within: (act) => underWay.run(context, act),
      end({ failed, attributes: more = {} } = {}) {
        span.setAttributes(failed === undefined ? more : { ...more, [ATTR_ERROR_TYPE]: failed })
        if (failed !== undefined) span.setStatus({ code: SpanStatusCode.ERROR })
        span.end()
      },
    }
  }

  return {
    begin: (name, options = {}) => open(name, options, contextOf(options.parent)),
    async step(name, attributes, act) {
      const parent = underWay.getStore()
      if (parent === undefined) return act()
      const span = open(name, { attributes }, parent)
      try {
        const result = await span.within(act)
        span.end()
        return result
      } catch (error) {
        span.end({ failed: codeOf(error) })
        throw error
      }
    },
    close: () =>
      within(lastWordsMs, provider.shutdown()).catch((err) => log.warn({ err }, 'the last spans were not sent')),
  }
}

const codeOf = (error: unknown) =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'error'

function contextOf(traceparent: string | undefined): Context {
  const [, traceId = '', spanId = '', flags = ''] = traceparent?.split('-') ?? []
  if (traceparent === undefined) return ROOT_CONTEXT
  const traceFlags = Number.parseInt(flags, 16) & TraceFlags.SAMPLED
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true })
}

/** The same exporter, whose failures are said now and then. */
function complaining(exporter: SpanExporter, log: Logger): SpanExporter {
  const complain = calm(60_000, (err: Error | undefined) =>
    log.warn({ err }, 'the collector takes no spans; they are dropped'),
  )
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        if (result.code !== 0) complain(result.error)
        done(result)
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  }
}
